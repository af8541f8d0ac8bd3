using System.Text;
using Vfleet.Linux.Netlink;
using Vfleet.Linux;

namespace Vfleet.Host.Tests.Preflight;

/// <summary>A kernel whose files are those of another, with some put over them or taken away.</summary>
internal class OverlayKernel(IKernel below) : IKernel
{
    public OverlayTree Overlay { get; } = new(below.Files);

    public string Name => below.Name;

    public bool IsSimulated { get; init; } = below.IsSimulated;

    /// <summary>How often udev read its rules anew.</summary>
    public int UdevReloads { get; private set; }

    /// <summary>What comes of it instead.</summary>
    public Fault? UdevRefusal { get; set; }

    public IFileTree Files => Overlay;

    public virtual Outcome<INetlinkSocket> OpenNetlink(NetlinkProtocol protocol, NetworkNamespace? within = null, params ReadOnlySpan<uint> groups) =>
        below.OpenNetlink(protocol, within, groups);

    public Outcome<NetworkNamespace> OpenNamespace(string path) => below.OpenNamespace(path);

    public Outcome<NetworkNamespace> CreateNamespace(string name) => below.CreateNamespace(name);

    public Outcome<Unit> DeleteNamespace(string name) => below.DeleteNamespace(name);

    public Outcome<IPacketSocket> OpenPacketSocket(int interfaceIndex, NetworkNamespace? within = null) => below.OpenPacketSocket(interfaceIndex, within);

    public Outcome<IVfioDevice> OpenVfio(PciAddress address, int iommuGroup) => below.OpenVfio(address, iommuGroup);

    public Outcome<bool> IsVfioGroupOpen(int iommuGroup) => below.IsVfioGroupOpen(iommuGroup);

    public Outcome<byte[]> EthtoolIoctl(string interfaceName, ReadOnlySpan<byte> command, NetworkNamespace? within = null) =>
        below.EthtoolIoctl(interfaceName, command, within);

    public Outcome<Unit> LoadModule(string name) => below.LoadModule(name);

    public Outcome<Unit> ReloadUdevRules()
    {
        UdevReloads++;
        return UdevRefusal is null ? below.ReloadUdevRules() : UdevRefusal;
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
