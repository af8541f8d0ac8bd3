using System.Diagnostics.CodeAnalysis;
using System.Text;
using Vfleet.Linux.Real;

namespace Vfleet.Telemetry.Tracing;

/// <summary>Kernel stacks in a file, as flamegraph.pl reads them.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public static class FoldedFile
{
    private const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>What is wrong with a place for such a file, before anything is traced; null for nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="replaces">One that is there is replaced.</param>
    public static Fault? Check(string path, bool replaces)
    {
        string full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is not { } folder || !Directory.Exists(folder))
            return Fault.NotFound($"the folder of {path} is not there", "make it", path);
        if (!PlainFile.Is(full).Try(out bool? isPlain, out Fault? fault))
            return fault;
        return isPlain switch
        {
            null => null,
            false => Fault.Refused($"{path} is no plain file", "a link or a device is never replaced", "name another file", path),
            true when replaces => null,
            true => Fault.Refused($"{path} is there already", null, "name another file, or replace it with --force", path),
        };
    }

    /// <summary>Writes it beside its place, and puts it there whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stacks">What it holds.</param>
    /// <param name="replaces">One that is there is replaced.</param>
    public static Fault? Write(string path, IEnumerable<TraceStack> stacks, bool replaces)
    {
        if (Check(path, replaces) is { } wrong)
            return wrong;
        string full = Path.GetFullPath(path);
        string draft = $"{full}.{Path.GetRandomFileName()}.part";
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnersAlone };
            using (StreamWriter file = new(draft, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), options))
            {
                file.NewLine = "\n";
                foreach (TraceStack stack in stacks)
                    file.WriteLine(stack.Folded);
            }
            File.Move(draft, full, replaces);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only way to refuse.
            if (File.Exists(draft))
                File.Delete(draft);
            return new Fault(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Refused, $"{path} could not be written")
            {
                Cause = e.Message, Target = path, Remedy = "look at the folder's rights and its file system's room",
            };
        }
    }
}
