using System.Text.Json;
using Vfleet.Linux;
using Vfleet.Linux.Real;

namespace Vfleet.Host.State;

/// <summary>Attachment records, one file per VF. A record is durable before <see cref="Save"/> returns: file, rename, directory.</summary>
/// <param name="stateDirectory">The state directory; its folder <c>attachments</c> is made when needed.</param>
public sealed class AttachmentStore(string stateDirectory)
{
    private const string FolderName = "attachments";
    private readonly string _folder = Path.Combine(stateDirectory, FolderName);

    /// <summary>Every record, sorted by VF.</summary>
    /// <returns>Internal when a record cannot be read: it names the file, which is left as it is.</returns>
    public Outcome<IReadOnlyList<AttachmentRecord>> List()
    {
        if (!Directory.Exists(_folder))
            return Outcome<IReadOnlyList<AttachmentRecord>>.Of([]);
        string[] paths;
        try
        {
            paths = Directory.GetFiles(_folder, "*.json");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that the directory went away or is forbidden.
            return Unreadable(_folder, e.Message) with { Kind = e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel, Remedy = "run as root, or give a directory of your own with --state" };
        }
        List<AttachmentRecord> records = [];
        foreach (string path in paths.Order(StringComparer.Ordinal))
        {
            if (!Read(path).Try(out AttachmentRecord? record, out Fault? fault))
                return fault;
            records.Add(record);
        }
        return records;
    }

    /// <summary>The record of a VF, or null.</summary>
    public Outcome<AttachmentRecord?> Find(string vf)
    {
        string path = PathOf(vf);
        if (!File.Exists(path))
            return Outcome<AttachmentRecord?>.Of(null);
        return Read(path).Map(record => (AttachmentRecord?)record);
    }

    /// <summary>Writes a record durably.</summary>
    /// <returns>A fault with the system's words when the disk is full or the directory may not be written; nothing is left behind.</returns>
    public Outcome<Unit> Save(AttachmentRecord record)
    {
        string path = PathOf(record.Vf);
        string temporary = $"{path}.new";
        try
        {
            StateFolder.Make(stateDirectory, FolderName);
            using (FileStream file = StateFolder.Open(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                JsonSerializer.Serialize(file, record, StateJson.Default.AttachmentRecord);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            return DurableFolder.Sync(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is full, read-only or forbidden.
            TryDelete(temporary);
            return CannotWrite(path, e);
        }
    }

    /// <summary>Removes a VF's record durably; success when there is none.</summary>
    public Outcome<Unit> Remove(string vf)
    {
        string path = PathOf(vf);
        try
        {
            if (!File.Exists(path))
                return Unit.Done;
            File.Delete(path);
            return DurableFolder.Sync(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is read-only or forbidden.
            return CannotWrite(path, e);
        }
    }

    /// <summary>Removes the records of VFs that were destroyed: their successors at the same addresses are others.</summary>
    public Outcome<Unit> RemoveMany(IEnumerable<string> vfs)
    {
        Fault? stuck = null;
        foreach (string vf in vfs)
            stuck ??= Remove(vf).Fault;
        return stuck is null ? Unit.Done : stuck;
    }

    private string PathOf(string vf) => Path.Combine(_folder, $"{FileName.Of(vf)}.json");

    private static Outcome<AttachmentRecord> Read(string path)
    {
        try
        {
            if (StateFile.Refuse(path) is { } strange)
                return Unreadable(path, strange);
            using FileStream file = File.OpenRead(path);
            AttachmentRecord? record = JsonSerializer.Deserialize(file, StateJson.Default.AttachmentRecord);
            if (record is not { Version: 1 })
                return Unreadable(path, record is null ? "it is empty" : $"its version is {record.Version}, and this vfleet knows 1");
            // A record under another VF's name, as after a copy by hand, would have that other VF restored instead, and without its lock.
            return Path.GetFileName(path) == $"{FileName.Of(record.Vf)}.json" && !record.Baseline.AltNames.Contains(null!)
                ? record
                : Unreadable(path, $"it is about {record.Vf}");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // A record that is cut or forbidden is reported by name; guessing its content could give a VF away twice.
            return Unreadable(path, e.Message);
        }
    }

    private static Fault Unreadable(string path, string cause) => new(FaultKind.Internal, $"the attachment record {path} cannot be read")
    {
        Cause = cause,
        Target = path,
        Remedy = "look at the VF with `vfleet vf show`, restore it by hand, then move the file away",
    };

    private static Fault CannotWrite(string path, Exception e) =>
        new(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel, $"the record {path} cannot be written; nothing was changed")
        {
            Cause = e.Message,
            Target = path,
            Remedy = "make room or give another directory with --state",
        };

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The write has failed and is reported; a leftover .new file is overwritten by the next one.
        }
    }
}

/// <summary>Names of VFs and PFs as file names.</summary>
internal static class FileName
{
    /// <summary>The name with a slash turned into a dash; PCI addresses stay as they are.</summary>
    public static string Of(string name) => name.Replace('/', '-');
}
