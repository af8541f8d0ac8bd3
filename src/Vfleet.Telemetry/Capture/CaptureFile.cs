using System.Diagnostics.CodeAnalysis;
using Vfleet.Linux.Real;

namespace Vfleet.Telemetry.Capture;

/// <summary>Room on a file system.</summary>
/// <param name="Free">Bytes that may still be written.</param>
/// <param name="Total">All its bytes.</param>
public readonly record struct DiskSpace(long Free, long Total)
{
    private const long Least = 1L << 30;

    /// <summary>What has to stay free: 1 GiB or 5 %, whichever is more.</summary>
    public long Reserve => Math.Max(Least, Total / 20);

    /// <summary>Room of the file system a folder is on. Equivalent to <c>df FOLDER</c> (statfs(2)).</summary>
    public static DiskSpace Of(string folder)
    {
        DriveInfo drive = new(folder);
        return new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize);
    }
}

/// <summary>
/// The file of a capture: written beside its place under another name, readable by its owner alone, and put there at the end. Blocks go
/// whole or not at all, and none once the file is as long as it may be or the file system is as full as it may be.
/// </summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public sealed class CaptureFile : IDisposable
{
    private const int Portion = 1 << 18;
    private const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly string _path, _draft;
    private readonly CaptureOrder _order;
    private readonly Func<string, DiskSpace> _space;
    private readonly TimeProvider _time;
    private readonly FileStream _file;
    private readonly MemoryStream _waiting = new(Portion);
    private long _written, _looked;
    private bool _isKept;

    private CaptureFile(string path, string draft, CaptureOrder order, Func<string, DiskSpace> space, TimeProvider time, FileStream file)
    {
        (_path, _draft, _order, _space, _time, _file) = (path, draft, order, space, time, file);
        _looked = time.GetTimestamp();
    }

    /// <summary>Its length, bytes.</summary>
    public long Length => _written + _waiting.Length;

    private string Folder => Path.GetDirectoryName(_path)!;

    /// <summary>What is wrong with a place for a file, before anything is done; null for nothing.</summary>
    /// <param name="order">The capture.</param>
    /// <param name="space">Tells the room of a file system.</param>
    public static Fault? Check(CaptureOrder order, Func<string, DiskSpace> space)
    {
        string path = Path.GetFullPath(order.File);
        string? folder = Path.GetDirectoryName(path);
        if (folder is null || Path.GetFileName(path).Length == 0 || Directory.Exists(path))
            return Fault.Usage($"{order.File} is a folder", "name a file in it", order.File);
        if (!Directory.Exists(folder))
            return Fault.NotFound($"the folder of {order.File} is not there", "make it", order.File);
        if (!PlainFile.Is(path).Try(out bool? isPlain, out Fault? fault))
            return fault;
        if (isPlain == false)
            return Fault.Refused($"{order.File} is no plain file", "a link or a device is never replaced", "name another file", order.File);
        if (isPlain == true && !order.Replaces)
            return Fault.Refused($"{order.File} is there already", null, "name another file, or replace it with --force", order.File);
        try
        {
            DiskSpace room = space(folder);
            return room.Free > room.Reserve ? null : Full(order.File, room);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // statfs(2)'s only way to refuse.
            return NotWritten(order.File, e);
        }
    }

    /// <summary>Makes the draft.</summary>
    /// <param name="order">The capture.</param>
    /// <param name="space">Tells the room of a file system.</param>
    /// <param name="time">The clock.</param>
    public static Outcome<CaptureFile> Create(CaptureOrder order, Func<string, DiskSpace> space, TimeProvider time)
    {
        if (Check(order, space) is { } wrong)
            return wrong;
        string path = Path.GetFullPath(order.File);
        // A name that nobody can have laid a link under: a file that is there, a link too, makes this fail (O_EXCL).
        string draft = $"{path}.{Path.GetRandomFileName()}.part";
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnersAlone, BufferSize = 0,
        };
        try
        {
            return new CaptureFile(path, draft, order, space, time, new FileStream(draft, options));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only way to refuse.
            return NotWritten(order.File, e);
        }
    }

    /// <summary>Adds a block.</summary>
    /// <returns>Why it was not added, and no other will be; null where it was.</returns>
    public (CaptureEnd End, Fault? Problem)? Add(ReadOnlyMemory<byte> block)
    {
        if (Length + block.Length > _order.MostBytes)
            return (CaptureEnd.Size, null);
        _waiting.Write(block.Span);
        if (_waiting.Length < Portion && _time.GetElapsedTime(_looked) < BetweenLooks)
            return null;
        return Flush(isLast: false) is { } problem ? (CaptureEnd.Disk, problem) : null;
    }

    /// <summary>Adds what is known at the end only, however long the file is; left out where the file system refuses it.</summary>
    public void AddLast(ReadOnlyMemory<byte> block) => _waiting.Write(block.Span);

    /// <summary>Puts the file in its place, durably.</summary>
    /// <returns>What went wrong; the file then is where the fault says.</returns>
    public Fault? Keep()
    {
        Fault? problem = Flush(isLast: true);
        try
        {
            _file.Flush(flushToDisk: true);
            _file.Dispose();
            // From here on it is not thrown away: somebody waits for it.
            _isKept = true;
            File.Move(_draft, _path, _order.Replaces);
            return problem ?? DurableFolder.Sync(Folder).Fault;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only way to refuse; where somebody else made the file meanwhile, it stays theirs.
            return new Fault(FaultKind.Refused, $"{_order.File} could not be put in its place")
            {
                Cause = e.Message, Target = _order.File, Remedy = $"the capture is in {_draft}",
            };
        }
    }

    /// <summary>Ends it; one that was not kept is removed.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _waiting.Dispose();
        if (!_isKept && File.Exists(_draft))
            File.Delete(_draft);
    }

    /// <summary>Writes what waits, where the file system may hold it.</summary>
    private Fault? Flush(bool isLast)
    {
        _looked = _time.GetTimestamp();
        try
        {
            // The last block is small; whether it fits the file system itself tells.
            DiskSpace room = _space(Folder);
            if (!isLast && room.Free - _waiting.Length <= room.Reserve)
                return Full(_order.File, room);
            _file.Write(_waiting.GetBuffer().AsSpan(0, (int)_waiting.Length));
            _written += _waiting.Length;
            _waiting.SetLength(0);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only way to refuse. What was written of these blocks goes: a file ends with a whole one.
            _waiting.SetLength(0);
            _file.SetLength(_written);
            return NotWritten(_order.File, e);
        }
    }

    private static Fault Full(string path, DiskSpace room) => Fault.Refused($"the file system of {path} is too full",
        $"{room.Free / 1_000_000} MB are free, and {room.Reserve / 1_000_000} MB have to stay free", "make room, or write elsewhere", path);

    private static Fault NotWritten(string path, Exception e) =>
        new(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Refused, $"{path} could not be written")
        {
            Cause = e.Message, Target = path, Remedy = "look at the folder's rights and its file system's room",
        };
}
