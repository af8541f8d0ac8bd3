using System.Text;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.Preflight;

/// <summary>A kernel whose files are those of another, with some put over them or taken away.</summary>
internal class OverlayKernel(IKernel below) : ForwardingKernel(below)
{
    public OverlayTree Overlay { get; } = new(below.Files);

    /// <summary>For what is done on a real kernel only.</summary>
    public bool ClaimsToBeReal { get; init; }

    public override bool IsSimulated => !ClaimsToBeReal && base.IsSimulated;

    /// <summary>How often udev read its rules anew.</summary>
    public int UdevReloads { get; private set; }

    /// <summary>What comes of it instead.</summary>
    public Fault? UdevRefusal { get; set; }

    public override IFileTree Files => Overlay;

    public override Outcome<Unit> ReloadUdevRules()
    {
        UdevReloads++;
        return UdevRefusal is null ? base.ReloadUdevRules() : UdevRefusal;
    }
}

/// <summary>Files in memory over another tree. A null takes a path away, with everything below it.</summary>
internal sealed class OverlayTree(IFileTree below) : IFileTree
{
    private readonly Dictionary<string, object?> _over = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Errno> _answers = new(StringComparer.Ordinal);

    public void Set(string path, string text) => _over[path] = Encoding.UTF8.GetBytes(text);

    public void Set(string path, byte[] bytes) => _over[path] = bytes;

    /// <summary>Makes writes to a file answer with an error; reading stays as it was.</summary>
    public void Answer(string path, Errno answer) => _answers[path] = answer;

    public void SetList(string path, params string[] names) => _over[path] = names;

    public void Remove(string path)
    {
        foreach (string inside in _over.Keys.Where(key => key.StartsWith(path + "/", StringComparison.Ordinal)).ToArray())
            _over.Remove(inside);
        _over[path] = null;
    }

    public Outcome<string> ReadText(string path) => Find(path, out object? node)
        ? node is byte[] bytes ? Encoding.UTF8.GetString(bytes).TrimEnd('\n') : Missing(path)
        : below.ReadText(path);

    public Outcome<int> ReadBytes(string path, Span<byte> destination)
    {
        if (!Find(path, out object? node))
            return below.ReadBytes(path, destination);
        if (node is not byte[] bytes)
            return Missing(path);
        int length = Math.Min(bytes.Length, destination.Length);
        bytes.AsSpan(0, length).CopyTo(destination);
        return length;
    }

    public Outcome<Unit> WriteText(string path, string text) => _answers.TryGetValue(path, out Errno answer) ? Fault.FromErrno(answer, $"echo {text} > {path}", path) : below.WriteText(path, text);

    public Outcome<IReadOnlyList<string>> List(string path) => Find(path, out object? node)
        ? node is string[] names ? names : Missing(path)
        : below.List(path);

    public Outcome<string> ReadLink(string path) => Find(path, out _) ? Missing(path) : below.ReadLink(path);

    public bool Exists(string path) => Find(path, out object? node) ? node is not null : below.Exists(path);

    private bool Find(string path, out object? node)
    {
        if (_over.TryGetValue(path, out node))
            return true;
        for (int slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            if (_over.TryGetValue(path[..slash], out node) && node is null)
                return true;
        }
        return false;
    }

    private static Fault Missing(string path) => Fault.FromErrno(Errno.ENOENT, $"cat {path}", path);
}
