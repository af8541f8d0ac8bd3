using Vfleet.Cni.Config;
using Vfleet.Cni.Protocol;
using Vfleet.Host.State;
using Vfleet.Linux.Route;

namespace Vfleet.Cni.Upgrade;

/// <summary>
/// An attachment that today's plugin made before it was replaced by this one: its cache says which VF, and what that was before. Source:
/// github.com/k8snetworkplumbingwg/sriov-cni, pkg/types/types.go, pkg/utils/utils.go.
/// </summary>
internal sealed record OldAttachment
{
    private const int Dot1Q = 0x8100, Dot1Ad = 0x88a8;

    /// <summary>PCI address of the VF.</summary>
    public required string Vf { get; init; }

    /// <summary>Name of the network it was attached by; null where the cache does not tell.</summary>
    public string? Network { get; init; }

    /// <summary>What it was before; null where the cache does not tell, as when the machine failed while it was written.</summary>
    public Baseline? Before { get; init; }

    /// <summary>The cache's file.</summary>
    public required string File { get; init; }

    /// <summary>The VF's mark; null where it is of somebody else by now.</summary>
    public required string? Mark { get; init; }

    /// <summary>Finds what the old plugin knows of an attachment.</summary>
    /// <param name="options">Where it kept that.</param>
    /// <param name="call">The container and the interface.</param>
    /// <param name="config">Names the VF where the cache is broken.</param>
    /// <returns>Null where it made no such attachment.</returns>
    public static Outcome<OldAttachment?> Find(CniOptions options, CniCall call, NetworkConfig config) =>
        Read(options, Path.Combine(options.OldCache, NameOf(call.ContainerId, call.InterfaceName)), config.DeviceId);

    /// <summary>Name of the cache's file.</summary>
    public static string NameOf(string containerId, string interfaceName) => $"{containerId}-{interfaceName}";

    /// <summary>
    /// The attachments that a cache's file may be of: both parts of its name may have dashes. What no runtime can have called an interface
    /// or a container is left out.
    /// </summary>
    public static IEnumerable<(string ContainerId, string InterfaceName)> AttachmentsOf(string file)
    {
        string name = Path.GetFileName(file);
        for (int dash = name.IndexOf('-', StringComparison.Ordinal); dash >= 0; dash = name.IndexOf('-', dash + 1))
        {
            (string container, string link) = (name[..dash], name[(dash + 1)..]);
            if (CniName.IsGood(container) && InterfaceName.Check(link) is null)
                yield return (container, link);
        }
    }

    /// <summary>Every cache's file; none where the old plugin never ran.</summary>
    public static Outcome<IReadOnlyList<string>> Files(CniOptions options)
    {
        try
        {
            return Outcome<IReadOnlyList<string>>.Of([.. Directory.EnumerateFiles(options.OldCache).Order(StringComparer.Ordinal)]);
        }
        catch (DirectoryNotFoundException)
        {
            // The file system's only way to say that there is none.
            return Outcome<IReadOnlyList<string>>.Of([]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that may not be seen is not one that is absent.
            return Unseen(options.OldCache, e);
        }
    }

    /// <summary>Reads a cache's file.</summary>
    /// <param name="options">Where the marks are.</param>
    /// <param name="file">The file.</param>
    /// <param name="otherwise">The VF, where the cache is broken; null where nobody knows it.</param>
    /// <returns>Null where there is no such file, or it names no VF.</returns>
    public static Outcome<OldAttachment?> Read(CniOptions options, string file, string? otherwise)
    {
        if (!Look<byte[]?>(file, null, System.IO.File.ReadAllBytes).Try(out byte[]? bytes, out Fault? fault))
            return fault;
        if (bytes is null)
            return Outcome<OldAttachment?>.Of(null);
        CniError? ignored = null;
        CniJson? json = CniJson.Parse(bytes, out _);
        string? vf = json?.Text("deviceID", ref ignored) ?? otherwise;
        // A cache that names no VF, and nobody who does: there is nothing to take back.
        return vf is null || !PciAddress.TryParse(vf, out PciAddress address) ? Outcome<OldAttachment?>.Of(null) : new OldAttachment
        {
            Vf = address.ToString(),
            Network = json?.Text("name", ref ignored),
            Before = json?.Object("OrigVfState", ref ignored) is { } before ? Read(before) : null,
            File = file,
            Mark = Path.Combine(options.OldMarks, address.ToString()),
        };
    }

    /// <summary>Looks at a file; what there is none of, or can be none of, as where its name is too long, is as if absent.</summary>
    private static Outcome<T> Look<T>(string path, T absent, Func<string, T> look)
    {
        try
        {
            return Outcome<T>.Of(look(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or PathTooLongException)
        {
            // The file system's only ways to say that there is none: a longer name than it takes no file has.
            return Outcome<T>.Of(absent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that may not be seen is not one that is absent.
            return Unseen(path, e);
        }
    }

    /// <summary>The namespace that the mark names; null or empty where there is none.</summary>
    public Outcome<string?> Marked() => Mark is null
        ? Outcome<string?>.Of(null)
        : Look<string?>(Mark, null, path => System.IO.File.ReadAllText(path).Trim());

    /// <summary>Another cache's file that names the same VF and was written later; null where there is none.</summary>
    public Outcome<string?> NewerFile(CniOptions options)
    {
        if (!Files(options).Try(out IReadOnlyList<string>? files, out Fault? fault)
            || !Look(File, DateTime.MinValue, System.IO.File.GetLastWriteTimeUtc).Try(out DateTime mine, out fault))
            return fault;
        foreach (string file in files.Where(file => file != File))
        {
            if (!Look(file, DateTime.MinValue, System.IO.File.GetLastWriteTimeUtc).Try(out DateTime written, out fault))
                return fault;
            // One that cannot be read says nothing of this VF.
            if (written > mine && Read(options, file, otherwise: null).Or(null)?.Vf == Vf)
                return Outcome<string?>.Of(file);
        }
        return Outcome<string?>.Of(null);
    }

    /// <summary>Removes what the old plugin kept: mark first, for without the cache nobody would remove it.</summary>
    public Outcome<Unit> Forget() => Mark is not null && StateFile.Remove(Mark).Fault is { } stuck ? stuck : StateFile.Remove(File);

    private static Fault Unseen(string path, Exception why) =>
        Fault.Unsupported($"{path} of the plugin before cannot be read", why.Message, null, path);

    private static Baseline Read(CniJson state)
    {
        CniError? ignored = null;
        int? link = state.Number("LinkState", 0, 2, ref ignored);
        return new Baseline
        {
            Name = Word(state, "HostIFName"),
            Mac = Word(state, "EffectiveMAC"),
            Mtu = state.Number("MTU", 1, int.MaxValue, ref ignored),
            AdminMac = Word(state, "AdminMAC"),
            Vlan = state.Number("Vlan", 0, 4095, ref ignored),
            VlanQos = state.Number("VlanQoS", 0, 7, ref ignored),
            VlanProtocol = Protocol(state.Number("VlanProto", 0, ushort.MaxValue, ref ignored)),
            SpoofCheck = state.Flag("SpoofChk", ref ignored),
            Trust = state.Flag("Trust", ref ignored),
            LinkState = link is null ? null : (VfLinkState)link,
            MinTxRateMbps = (uint?)state.Number("MinTxRate", 0, int.MaxValue, ref ignored),
            MaxTxRateMbps = (uint?)state.Number("MaxTxRate", 0, int.MaxValue, ref ignored),
        };
    }

    private static string? Word(CniJson state, string key)
    {
        CniError? ignored = null;
        return state.Text(key, ref ignored) is { Length: > 0 } text ? text.ToLowerInvariant() : null;
    }

    /// <summary>Read from the kernel in either order of its bytes.</summary>
    private static VlanProtocol? Protocol(int? number) => number switch
    {
        Dot1Q or 0x0081 => VlanProtocol.Dot1Q,
        Dot1Ad or 0xa888 => VlanProtocol.Dot1Ad,
        _ => null,
    };
}
