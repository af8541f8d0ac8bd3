using System.Globalization;
using System.Net;
using Vfleet.Host.Attach;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>Two VFs in two namespaces made for them, and the way back.</summary>
internal sealed class BorrowedPair(SriovHost host, VirtualFunction first, VirtualFunction second)
{
    /// <summary>Name of a VF's interface in its namespace.</summary>
    private const string Interface = "probe0";
    private const string NamePrefix = "vfleet-iso-";
    private const int NameTries = 64;
    private readonly List<string> _namespaces = [];
    private readonly List<string> _attached = [];
    private readonly List<NetworkNamespace> _open = [];

    /// <summary>The VF that sends.</summary>
    public ProbeEnd First { get; private set; } = null!;

    /// <summary>The VF that listens.</summary>
    public ProbeEnd Second { get; private set; } = null!;

    /// <summary>Attaches both, each with a MAC of its own, on one VLAN, spoof check on and trust off where the driver has them.</summary>
    public async Task<Fault?> TakeAsync(int vlan, CancellationToken cancel)
    {
        Outcome<ProbeEnd> one = await TakeOneAsync(first, vlan, 1, cancel).ConfigureAwait(false);
        if (!one.Try(out ProbeEnd? end, out Fault? fault))
            return fault;
        First = end;
        Outcome<ProbeEnd> two = await TakeOneAsync(second, vlan, 2, cancel).ConfigureAwait(false);
        if (!two.Try(out end, out fault))
            return fault;
        Second = end;
        return await AwaitCarriersAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Puts the first VF on another VLAN.</summary>
    public async Task<Fault?> MoveFirstAsync(int vlan, CancellationToken cancel)
    {
        Outcome<ProbeEnd> moved = await MoveAsync(first, First, vlan, cancel).ConfigureAwait(false);
        First = moved.Or(null) ?? First;
        return moved.Fault;
    }

    /// <summary>Puts the second VF on another VLAN.</summary>
    public async Task<Fault?> MoveSecondAsync(int vlan, CancellationToken cancel)
    {
        Outcome<ProbeEnd> moved = await MoveAsync(second, Second, vlan, cancel).ConfigureAwait(false);
        Second = moved.Or(null) ?? Second;
        return moved.Fault;
    }

    /// <summary>Detaches what was attached and removes the namespaces; carries on past failures, so that as much as possible is put back.</summary>
    /// <returns>What could not be put back, or null.</returns>
    public async Task<Fault?> GiveBackAsync()
    {
        Fault? stuck = null;
        foreach (string vf in _attached)
        {
            Outcome<DetachResult> back = await host.Detacher.DetachAsync(vf).ConfigureAwait(false);
            stuck ??= back.Fault is { } fault ? fault with { Remedy = fault.Remedy ?? $"repeat `vfleet detach {vf}`" } : null;
        }
        foreach (NetworkNamespace space in _open)
            space.Dispose();
        foreach (string name in _namespaces)
            stuck ??= host.Kernel.DeleteNamespace(name).Fault;
        return stuck is null ? null : stuck with { Error = $"the VFs were not put back whole: {stuck.Error}" };
    }

    private async Task<Outcome<ProbeEnd>> MoveAsync(VirtualFunction vf, ProbeEnd end, int vlan, CancellationToken cancel)
    {
        Outcome<VfInfo> set = await host.SetAsync(vf.Label, new VfSettings { Vlan = vlan }, force: false, dryRun: false, cancel: cancel)
            .ConfigureAwait(false);
        if (!set.Try(out VfInfo? says, out Fault? fault))
            return fault;
        // Some drivers restart a VF whose VLAN changes.
        return await AwaitCarriersAsync(cancel).ConfigureAwait(false) is { } silent ? silent : end with { Says = says };
    }

    private async Task<Outcome<ProbeEnd>> TakeOneAsync(VirtualFunction vf, int vlan, byte number, CancellationToken cancel)
    {
        if (!CreateNamespace().Try(out NetworkNamespace? space, out Fault? fault))
            return fault;
        // 198.18.0.0/15 is for measurements between devices (RFC 2544).
        IPNetworkAddress address = new(new IPAddress([198, 18, 71, number]), 24);
        Outcome<AttachResult> attached = await host.Attacher.AttachAsync(
            new AttachRequest
            {
                Vf = vf.Label,
                NamespacePath = space.Path,
                InterfaceName = Interface,
                Addresses = [address],
                Settings = new VfSettings
                {
                    Mac = MacFor(vf),
                    Vlan = vlan,
                    SpoofCheck = vf.Settings?.SpoofCheck is null ? null : true,
                    Trust = vf.Settings?.Trust is true ? false : null,
                },
            },
            cancel: cancel).ConfigureAwait(false);
        // Where attaching failed or was cancelled the attacher has undone its part.
        if (attached.Fault is not null)
            return attached.Fault;
        _attached.Add(vf.Label);
        Outcome<VfAmongSiblings> after = await host.FindVfAsync(vf.Label, cancel).ConfigureAwait(false);
        return after.Map(now => new ProbeEnd(space, Interface, address.Address) { Says = now.Vf.Settings });
    }

    /// <summary>A locally administered address that no other VF here has.</summary>
    private static MacAddress MacFor(VirtualFunction vf) =>
        new(0x02_76_66_00_00_00 | (((vf.Pf.Mac?.Value ?? 0) & 0xffff) << 8) | (byte)vf.Index);

    private Outcome<NetworkNamespace> CreateNamespace()
    {
        ushort number = (ushort)host.Options.Time.GetTimestamp();
        for (int attempt = 0; attempt < NameTries; attempt++, number++)
        {
            string name = NamePrefix + number.ToString("x4", CultureInfo.InvariantCulture);
            if (host.Kernel.Files.Exists($"/run/netns/{name}"))
                continue;
            if (!host.Kernel.CreateNamespace(name).Try(out NetworkNamespace? space, out Fault? fault))
                return fault;
            _namespaces.Add(name);
            _open.Add(space);
            return space;
        }
        return Fault.Refused($"no free name {NamePrefix}XXXX for a namespace", "earlier checks left theirs behind", "remove them: `ip netns list`, `ip netns delete NAME`");
    }

    private async Task<Fault?> AwaitCarriersAsync(CancellationToken cancel)
    {
        foreach (ProbeEnd end in new[] { First, Second })
        {
            Outcome<Unit> carrier = await ProbeCarrier.AwaitAsync(host.Kernel, end, host.Options.CarrierDeadline, host.Options.Time, cancel).ConfigureAwait(false);
            if (carrier.Fault is not null)
                return carrier.Fault;
        }
        return null;
    }
}
