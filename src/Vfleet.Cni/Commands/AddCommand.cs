using Vfleet.Cni.Ipam;
using Vfleet.Cni.Protocol;
using Vfleet.Host.Attach;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Cni.Commands;

/// <summary>ADD: a VF held, set and moved; addresses asked for and set. Whatever fails, nothing of it stays.</summary>
/// <param name="run">The call.</param>
internal sealed class AddCommand(CniRun run)
{
    public async Task<CniOutcome<byte[]>> RunAsync(CancellationToken cancel)
    {
        if (!run.Find().Try(out LedgerAllocation? known, out Fault? fault))
            return CniError.Of(fault);
        if (known is not null)
            return new CniError(CniCode.Taken,
                $"pci address {known.Vfs[0].Vf} is already allocated: container {run.Call.ContainerId} has {run.Call.InterfaceName} in network {run.Config.Name}",
                $"allocation {known.Id}; call DEL first");
        // Before anything is touched: the usual mistake of a new cluster.
        if (run.MissingIpam is { } missing)
            return missing;
        if (!Owner().Try(out Owner? owner, out fault))
            return fault.Kind == FaultKind.NotFound ? Unreachable(fault) : CniError.Of(fault);
        AllocationRequest request = new()
        {
            Pool = run.Config.Pool,
            Vf = run.Config.DeviceId,
            Owner = owner,
            Tenant = run.Config.Tenant,
            GuaranteedMbps = run.Config.DeviceId is null ? run.Config.Settings.MinTxRateMbps : null,
        };
        AttachOrder order = new()
        {
            NamespacePath = run.Call.Namespace,
            InterfaceName = run.Call.InterfaceName,
            Mtu = run.Config.Mtu,
            AllMulticast = run.Config.AllMulticast,
            Settings = run.Config.Settings,
        };
        Outcome<NodeAttachment> attached = await run.Node.AttachAsync(request, order, cancel).ConfigureAwait(false);
        if (!attached.Try(out NodeAttachment? attachment, out fault))
            return Refused(fault);
        CniOutcome<IpamResult> assigned = await AddressesAsync(attachment, cancel).ConfigureAwait(false);
        if (!assigned.Try(out IpamResult? addresses, out CniError? error))
            return await UndoAsync(attachment, error).ConfigureAwait(false);
        AttachResult vf = attachment.Vfs[0];
        foreach (string warning in (IEnumerable<string>)[.. vf.Warnings, .. attachment.Warnings])
            run.Warn(warning);
        // A VF without an interface has the address that its PF gave it.
        string? mac = (vf.Mac ?? vf.Now?.Settings?.Mac) is { IsZero: false } shown ? shown.ToString() : null;
        return new CniResult(run.Call.InterfaceName, mac, vf.Mtu ?? vf.Now?.Pf.Mtu, run.Call.Namespace, addresses).Write(run.Config.CniVersion);
    }

    /// <summary>The pod's name where the runtime tells it, else the container's id.</summary>
    private Outcome<Owner> Owner()
    {
        IReadOnlyDictionary<string, string> arguments = run.Call.Arguments;
        string name = arguments.TryGetValue("K8S_POD_NAMESPACE", out string? space) && arguments.TryGetValue("K8S_POD_NAME", out string? pod)
            ? $"{space}/{pod}"
            : run.Call.ContainerId;
        return OwnerIdentity.OfNamespace(run.Kernel, run.Call.Namespace, name[..Math.Min(name.Length, 253)])
            .Map(owner => owner with { Workload = run.Workload.ToJson() });
    }

    private async Task<CniOutcome<IpamResult>> AddressesAsync(NodeAttachment attachment, CancellationToken cancel)
    {
        if (run.Config.IpamType is not { } type)
            return IpamResult.None;
        if (!(await run.IpamAsync("ADD", cancel).ConfigureAwait(false)).Try(out byte[]? bytes, out CniError? error)
            || !IpamResult.Read(bytes, type).Try(out IpamResult? assigned, out error))
            return error;
        // A VF under a user-space driver has no interface: whoever drives it sets the address.
        if (attachment.Vfs[0].InterfaceName is not { } name)
            return assigned;
        Outcome<string?> set = await new WorkloadAddresses(run.Kernel, run.Node.Host.Options)
            .ApplyAsync(run.Call.Namespace, name, assigned.ToPlan(), cancel).ConfigureAwait(false);
        if (!set.Try(out string? untold, out Fault? fault))
            return set.Fault is null ? assigned : CniError.Of(set.Fault);
        if (untold is not null)
            run.Warn($"the neighbours were not told of the address: {untold}");
        return assigned;
    }

    private async Task<CniError> UndoAsync(NodeAttachment attachment, CniError why)
    {
        List<string> left = [];
        if (run.Config.IpamType is not null && (await run.IpamAsync("DEL", CancellationToken.None).ConfigureAwait(false)).Error is { } kept)
            left.Add($"the address was not given back: {kept.Message}");
        Outcome<Node.Release.ReleaseResult> back = await run.Node.ReleaseAsync(attachment.Allocation.Id, $"ADD failed: {why.Message}", CancellationToken.None)
            .ConfigureAwait(false);
        if (back.Fault is { } stuck)
            left.Add($"the VF was not taken back: {stuck.Error}");
        return left.Count == 0 ? why : why with { Details = string.Join("; ", [.. why.Details is null ? [] : new[] { why.Details }, .. left]) };
    }

    private CniError Refused(Fault fault)
    {
        if (fault.Kind == FaultKind.Refused && run.Config.DeviceId is { } device)
            return CniError.Of(fault) with { Message = $"pci address {device} is already allocated or not fit: {fault.Error}" };
        return fault.Target == run.Call.Namespace && fault.Kind is FaultKind.NotFound or FaultKind.Usage ? Unreachable(fault) : CniError.Of(fault);
    }

    private CniError Unreachable(Fault fault) =>
        new(CniCode.UnknownContainer, $"CNI_NETNS {run.Call.Namespace} of container {run.Call.ContainerId} cannot be entered: {fault.Error}", fault.Remedy);
}
