using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Settings;

/// <summary>
/// Writes a VF's settings one by one in a safe order, reads them back, and puts everything back when a step fails: what tightens
/// comes first, what loosens comes last, so that no moment is less safe than both ends.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">The clock and the deadline of files.</param>
/// <param name="left">Notes what goes on after the deadline.</param>
public sealed class SettingsWriter(IKernel kernel, HostOptions options, UnendedWork left)
{
    /// <summary>Sets what is wanted and differs. Equivalent to <c>ip link set PF vf N …</c>.</summary>
    /// <returns>The settings as read back; or the refusal, with everything as before.</returns>
    public async ValueTask<Outcome<VfInfo>> WriteAsync(
        VirtualFunction vf, IReadOnlyList<VirtualFunction> siblings, VfSettings wanted, bool force = false, CancellationToken cancel = default)
    {
        if (SettingsCheck.Check(vf, siblings, wanted, force) is { } refusal)
            return refusal;
        VfInfo before = vf.Settings!;
        if (!RouteClient.Open(kernel, left: left).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            List<VfChange> done = [];
            try
            {
                Outcome<VfInfo> result = await WriteAsync(route, vf, wanted, force, done, cancel).ConfigureAwait(false);
                if (result.Fault is not { } failed)
                    return result;
                bool isAnswered = failed.Kind != FaultKind.TimedOut;
                if (!isAnswered)
                    await AwaitSentAsync(route).ConfigureAwait(false);
                return await UndoAsync(vf, before, done, isAnswered).ConfigureAwait(false) is { } stuck ? Stuck(failed, stuck) : failed;
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C half way: the VF is put back before the caller hears of it, and a failure of that weighs more.
                await AwaitSentAsync(route).ConfigureAwait(false);
                if (await UndoAsync(vf, before, done, isAnswered: false).ConfigureAwait(false) is { } stuck)
                    return Stuck(Fault.TimedOut($"{vf.Label}: setting it was interrupted", target: vf.Label), stuck);
                throw;
            }
        }
    }

    private async ValueTask<Outcome<VfInfo>> WriteAsync(
        RouteClient route, VirtualFunction vf, VfSettings wanted, bool force, List<VfChange> done, CancellationToken cancel)
    {
        foreach (VfChange step in Steps(vf.Settings!, wanted))
        {
            // Recorded first: a step that failed may have been carried out in part.
            done.Add(step);
            Outcome<Unit> written = await route.ChangeVfsAsync(vf.Pf.InterfaceIndex, vf.Pf.Label, [step], cancel).ConfigureAwait(false);
            if (written.Fault is { } failed)
                return Name(vf, step, failed);
        }
        Outcome<IReadOnlyList<VfInfo>> read = await ReadAsync(route, vf, cancel).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<VfInfo>? all, out Fault? fault))
            return fault;
        VfInfo after = all[vf.Index];
        // Two processes that give one MAC to two VFs at once hold the lock of their own VF only: who reads back last sees both.
        if (!force && wanted.Mac is { IsZero: false } mac
            && all.FirstOrDefault(other => other.Index != vf.Index && other.Mac == mac) is { } twin)
            return SettingsCheck.Duplicate(vf, mac, $"VF {twin.Index}");
        // The trunk comes last: it lives in a file of the vendor's driver and is the one step that needs no undoing.
        Fault? wrong = Difference(vf, wanted, after) ?? (wanted.Trunk is { } trunk ? await WriteTrunkAsync(vf, trunk).ConfigureAwait(false) : null);
        return wrong is null ? after : wrong;
    }

    /// <summary>
    /// Writes the trunk up to a deadline. A caller's cancel does not end the waiting: it would leave open whether the trunk came before it.
    /// </summary>
    private async ValueTask<Fault?> WriteTrunkAsync(VirtualFunction vf, VlanTrunk trunk)
    {
        bool isGivenUp = false;
        Outcome<Unit> written = await BlockingCall.RunAsync(
            () => TrunkFiles.Write(kernel.Files, vf, trunk, () => Volatile.Read(ref isGivenUp)),
            $"set the VLAN trunk of {vf.Label}",
            vf.Label,
            options.ReadDeadline,
            options.Time,
            CancellationToken.None,
            left).ConfigureAwait(false);
        Volatile.Write(ref isGivenUp, true);
        return written.Fault;
    }

    /// <summary>The steps from one state to another, in the safe order; empty where nothing differs.</summary>
    internal static IEnumerable<VfChange> Steps(VfInfo before, VfSettings wanted)
    {
        int index = before.Index;
        bool? spoof = wanted.SpoofCheck == before.SpoofCheck ? null : wanted.SpoofCheck;
        bool? trust = wanted.Trust == before.Trust ? null : wanted.Trust;
        if (wanted.LinkState == VfLinkState.Disable && before.LinkState != VfLinkState.Disable)
            yield return new VfChange { Index = index, LinkState = VfLinkState.Disable };
        if (trust == false)
            yield return new VfChange { Index = index, Trust = false };
        if (spoof == true)
            yield return new VfChange { Index = index, SpoofCheck = true };
        if (RateChange(before, wanted) is { } rate)
            yield return new VfChange { Index = index, Rate = rate };
        if (VlanChange(before, wanted) is { } vlan)
            yield return new VfChange { Index = index, Vlan = vlan };
        if (wanted.Mac is { } mac && mac != before.Mac)
            yield return new VfChange { Index = index, Mac = mac };
        if (wanted.NodeGuid is { } node && node != before.NodeGuid)
            yield return new VfChange { Index = index, NodeGuid = node };
        if (wanted.PortGuid is { } port && port != before.PortGuid)
            yield return new VfChange { Index = index, PortGuid = port };
        if (trust == true)
            yield return new VfChange { Index = index, Trust = true };
        if (spoof == false)
            yield return new VfChange { Index = index, SpoofCheck = false };
        if (wanted.LinkState is { } state && state != VfLinkState.Disable && state != before.LinkState)
            yield return new VfChange { Index = index, LinkState = state };
    }

    private static VfRate? RateChange(VfInfo before, VfSettings wanted)
    {
        VfRate old = new(before.MinTxRateMbps ?? 0, before.MaxTxRateMbps ?? 0);
        VfRate next = new(wanted.MinTxRateMbps ?? old.MinTxMbps, wanted.MaxTxRateMbps ?? old.MaxTxMbps);
        return next == old ? null : next;
    }

    private static VfVlan? VlanChange(VfInfo before, VfSettings wanted)
    {
        VfVlan old = new(before.Vlan ?? 0, before.VlanQos ?? 0, before.VlanProtocol ?? VlanProtocol.Dot1Q);
        int id = wanted.Vlan ?? old.Id;
        // A VLAN that is taken away takes its priority and protocol along.
        VfVlan next = id == 0
            ? new VfVlan(0)
            : new VfVlan(id, wanted.VlanQos ?? (wanted.Vlan is null ? old.Qos : 0), wanted.VlanProtocol ?? (wanted.Vlan is null ? old.Protocol : VlanProtocol.Dot1Q));
        return next == old || (next.Id == 0 && old.Id == 0) ? null : next;
    }

    private static async ValueTask<Outcome<IReadOnlyList<VfInfo>>> ReadAsync(RouteClient route, VirtualFunction vf, CancellationToken cancel)
    {
        Outcome<LinkInfo> read = await route.GetLinkAsync(vf.Pf.InterfaceIndex, VfDetail.Settings, cancel).ConfigureAwait(false);
        if (!read.Try(out LinkInfo? link, out Fault? fault))
            return fault;
        return vf.Index < link.Vfs.Count
            ? Outcome<IReadOnlyList<VfInfo>>.Of(link.Vfs)
            : Fault.NotFound($"{vf.Label} is gone: {vf.Pf.Label} reports {link.Vfs.Count} VFs", "somebody changed the number of VFs meanwhile", vf.Label);
    }

    /// <summary>Waits for a request that was given up, as long as a reading may take.</summary>
    private async Task AwaitSentAsync(RouteClient route)
    {
        UnendedWork sent = new();
        sent.Add(route.SentAsync());
        _ = await sent.WaitAsync(options.ReadDeadline, options.Time).ConfigureAwait(false);
    }

    /// <summary>Puts back over a connection of its own: one whose request was not taken in time takes no other.</summary>
    /// <param name="vf">The VF.</param>
    /// <param name="before">What it had.</param>
    /// <param name="done">The steps, the last of which may not have been carried out.</param>
    /// <param name="isAnswered">True where the kernel refused the last step, which then need not be undoable.</param>
    /// <returns>What could not be put back, or null.</returns>
    private async ValueTask<Fault?> UndoAsync(VirtualFunction vf, VfInfo before, List<VfChange> done, bool isAnswered)
    {
        if (done.Count == 0)
            return null;
        if (!RouteClient.Open(kernel, left: left).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using RouteClient own = route;
        VfSettings original = VfSettings.Of(before);
        Fault? stuck = null;
        for (int i = done.Count - 1; i >= 0; i--)
        {
            VfChange back = Inverse(done[i], original);
            Outcome<Unit> undone = await route.ChangeVfsAsync(vf.Pf.InterfaceIndex, vf.Pf.Label, [back], CancellationToken.None).ConfigureAwait(false);
            if (i < done.Count - 1 || (!isAnswered && undone.Fault?.Errno != Errno.EOPNOTSUPP))
                stuck ??= undone.Fault;
        }
        return stuck;
    }

    private static Fault Stuck(Fault reason, Fault stuck) => reason with
    {
        Cause = $"{reason.Cause ?? reason.Error}; putting the VF back failed too: {stuck.Error}",
        Remedy = "look at the VF with `vfleet vf show` and set it by hand",
    };

    private static VfChange Inverse(VfChange step, VfSettings original) => new()
    {
        Index = step.Index,
        Mac = step.Mac is null ? null : original.Mac,
        Vlan = step.Vlan is null ? null : new VfVlan(original.Vlan ?? 0, original.VlanQos ?? 0, original.VlanProtocol ?? VlanProtocol.Dot1Q),
        Rate = step.Rate is null ? null : new VfRate(original.MinTxRateMbps ?? 0, original.MaxTxRateMbps ?? 0),
        SpoofCheck = step.SpoofCheck is null ? null : original.SpoofCheck,
        Trust = step.Trust is null ? null : original.Trust,
        LinkState = step.LinkState is null ? null : original.LinkState,
        NodeGuid = step.NodeGuid is null ? null : original.NodeGuid,
        PortGuid = step.PortGuid is null ? null : original.PortGuid,
    };

    private static Fault Name(VirtualFunction vf, VfChange step, Fault failed)
    {
        string setting = SettingName(step);
        return failed.Errno is Errno.EOPNOTSUPP or Errno.EPROTONOSUPPORT
            ? DriverLimits.Cannot(vf.Pf.Driver, setting, vf.Label) with { Operation = failed.Operation, Errno = failed.Errno, Cause = failed.Cause ?? $"driver {vf.Pf.Driver} answered {failed.Errno}" }
            : failed.Kind == FaultKind.NotPermitted ? failed with { Error = $"{vf.Label}: {setting} may not be set: {failed.Error}", Target = vf.Label }
            : failed with
            {
                Error = $"{vf.Label}: driver {vf.Pf.Driver} refused {setting}: {failed.Error}",
                Target = vf.Label,
                Remedy = step.Rate is not null && vf.Pf.HasCarrier != true ? $"{vf.Pf.Label} has no link, and drivers take rates only with one" : failed.Remedy,
            };
    }

    private static string SettingName(VfChange step) => step switch
    {
        { Mac: not null } => "the MAC",
        { Vlan.Protocol: VlanProtocol.Dot1Ad } => "802.1ad VLANs",
        { Vlan: not null } => "the VLAN",
        { Rate.MinTxMbps: > 0 } => "min rate",
        { Rate: not null } => "max rate",
        { SpoofCheck: not null } => "spoof check",
        { Trust: not null } => "trust",
        { LinkState: not null } => "link state",
        _ => "GUIDs",
    };

    private static Fault? Difference(VirtualFunction vf, VfSettings wanted, VfInfo after)
    {
        List<string> differences = [];
        Compare("MAC", wanted.Mac, after.Mac);
        Compare("VLAN", wanted.Vlan, after.Vlan);
        Compare("QoS", wanted.VlanQos, after.VlanQos);
        Compare("VLAN protocol", wanted.VlanProtocol, after.VlanProtocol);
        Compare("spoof check", wanted.SpoofCheck, after.SpoofCheck);
        Compare("trust", wanted.Trust, after.Trust);
        Compare("link state", wanted.LinkState, after.LinkState);
        Compare("min rate", wanted.MinTxRateMbps, after.MinTxRateMbps);
        Compare("max rate", wanted.MaxTxRateMbps, after.MaxTxRateMbps);
        Compare("node GUID", wanted.NodeGuid, after.NodeGuid);
        Compare("port GUID", wanted.PortGuid, after.PortGuid);
        return differences.Count == 0
            ? null
            : Fault.Unsupported($"{vf.Label}: driver {vf.Pf.Driver} took the settings but reports others: {string.Join("; ", differences)}",
                "the driver or its firmware did not keep what was set", "everything was put back; update the NIC's firmware, or leave this setting out", vf.Label);

        void Compare<T>(string name, T? want, T? seen)
            where T : struct
        {
            if (want is { } w && seen is { } s && !w.Equals(s))
                differences.Add($"{name} {w} wanted, {s} seen");
        }
    }
}
