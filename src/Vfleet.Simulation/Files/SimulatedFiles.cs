using System.Text;
using Vfleet.Simulation.Faults;

namespace Vfleet.Simulation.Files;

/// <summary>The files of the simulated kernel.</summary>
internal sealed class SimulatedFiles(SimulatedMachine machine) : IFileTree
{
    private readonly PathResolver _resolver = new(RootTree.Build(machine));

    public Outcome<string> ReadText(string path) => Read(path).Map(bytes =>
    {
        string text = Encoding.UTF8.GetString(bytes);
        return text.EndsWith('\n') ? text[..^1] : text;
    });

    public Outcome<int> ReadBytes(string path, Span<byte> destination)
    {
        if (!Read(path).Try(out byte[]? bytes, out Fault? fault))
            return fault;
        int length = Math.Min(bytes.Length, destination.Length);
        bytes.AsSpan(0, length).CopyTo(destination);
        return length;
    }

    public Outcome<Unit> WriteText(string path, string text)
    {
        Errno refusal = Locate(path, true, out Node? node, out _);
        Func<string, Errno>? write = (node as FileNode)?.Write;
        if (refusal == Errno.None && node is DirectoryNode)
            refusal = Errno.EISDIR;
        else if (refusal == Errno.None && (write is null || !machine.Privileged))
            refusal = Errno.EACCES;
        // A write of no bytes never reaches the attribute.
        if (refusal == Errno.None && text.Length > 0)
            refusal = write!(text);
        return refusal == Errno.None ? Unit.Done : Fault.FromErrno(refusal, $"echo {text.TrimEnd('\n')} > {path}", path);
    }

    public Outcome<IReadOnlyList<string>> List(string path)
    {
        lock (machine.Gate)
        {
            Errno refusal = Locate(path, true, out Node? node, out _);
            if (refusal == Errno.None && node is not DirectoryNode)
                refusal = Errno.ENOTDIR;
            if (refusal != Errno.None)
                return Fault.FromErrno(refusal, $"ls {path}", path);
            return Outcome<IReadOnlyList<string>>.Of([.. ((DirectoryNode)node!).Names().Order(StringComparer.Ordinal)]);
        }
    }

    public Outcome<string> ReadLink(string path)
    {
        Errno refusal = Locate(path, false, out Node? node, out string canonical);
        if (refusal == Errno.None && node is not LinkNode)
            refusal = Errno.EINVAL;
        return refusal == Errno.None
            ? node is LinkNode { IsMagic: true } magic ? magic.Target : PathResolver.Relative(canonical, ((LinkNode)node!).Target)
            : Fault.FromErrno(refusal, $"readlink {path}", path);
    }

    public bool Exists(string path) => Locate(path, true, out _, out _) == Errno.None;

    private Outcome<byte[]> Read(string path)
    {
        machine.Faults.BlockOn(SimulatedFault.BlockingFile, path);
        Errno refusal = Locate(path, true, out Node? node, out _);
        if (refusal == Errno.None && node is DirectoryNode)
            refusal = Errno.EISDIR;
        else if (refusal == Errno.None && node is not FileNode { Read: not null })
            refusal = Errno.EACCES;
        Content content = refusal == Errno.None ? Read((FileNode)node!) : refusal;
        return content.Bytes is { } bytes ? bytes : Fault.FromErrno(content.Errno, $"cat {path}", path);
    }

    private Content Read(FileNode file)
    {
        file.Guard?.Wait();
        try
        {
            lock (machine.Gate)
                return file.Read!();
        }
        finally
        {
            file.Guard?.Release();
        }
    }

    private Errno Locate(string path, bool follow, out Node? node, out string canonical)
    {
        node = null;
        canonical = path;
        if (machine.Faults.IsHit(SimulatedFault.VanishingFile, path))
            return Errno.ENOENT;
        lock (machine.Gate)
        {
            if (machine.FileOverrides.TryGetValue(path, out string? text))
            {
                node = text is null ? null : new FileNode(() => Content.Of(text));
                return text is null ? Errno.ENOENT : Errno.None;
            }
            UnpluggedDevices.Touch(machine, path);
            return _resolver.Resolve(path, follow, out node, out canonical);
        }
    }
}
