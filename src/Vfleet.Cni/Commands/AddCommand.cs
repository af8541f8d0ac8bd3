using Vfleet.Cni.Config;
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
        // Before anything is touched: the usual mistake of a new cluster.
        if (run.MissingIpam is { } missing)
            return missing;
        if (!Owner().Try(out Owner? owner, out Fault? fault))
            return Refused(fault);
        Outcome<NodeAttachment> attached;
        try
        {
            attached = await run.Node.AttachAsync(Request(owner), Order(), cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException && !cancel.IsCancellationRequested)
        {
            return await UndoHalfAsync(CniError.Defect(e)).ConfigureAwait(false);
        }
        if (!attached.Try(out NodeAttachment? attachment, out fault))
            return Refused(fault);
        // Nothing was attached now: the same ADD came before.
        if (attachment.Vfs.Count == 0)
            return new CniError(CniCode.Taken, $"pci address {attachment.Allocation.Vfs[0].Vf} is already allocated: "
                + $"container {run.Call.ContainerId} has {run.Call.InterfaceName} in network {run.Config.Name}",
                $"allocation {attachment.Allocation.Id}; call DEL first");
        string vfs = string.Join(' ', attachment.Allocation.Vfs.Select(vf => vf.Vf));
        run.Log.Write(CniLogLevel.Info,
            $"{vfs} of pool {attachment.Allocation.Pool} was given to {owner.Name} ({attachment.Allocation.Id}) in {run.Call.Namespace}");
        return await FinishAsync(attachment, cancel).ConfigureAwait(false);
    }

    /// <summary>Bonds what was attached, and gives it addresses; undoes all of it where that fails, also by a defect.</summary>
    private async Task<CniOutcome<byte[]>> FinishAsync(NodeAttachment attachment, CancellationToken cancel)
    {
        bool isGiven = false;
        CniError? error;
        try
        {
            CniOutcome<GivenInterface> given = await GivenInterface.OfAsync(run, attachment, cancel).ConfigureAwait(false);
            if (given.Try(out GivenInterface? link, out error))
            {
                isGiven = true;
                CniOutcome<IpamResult> assigned = await AddressesAsync(link.Name, cancel).ConfigureAwait(false);
                if (assigned.Try(out IpamResult? addresses, out error))
                    return Answer(attachment, link, addresses);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever it was: a VF that nobody was told of would be nobody's to give back.
            error = await UndoAsync(attachment, CniError.Defect(e), isGiven).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            return error;
        }
        return await UndoAsync(attachment, error, isGiven).ConfigureAwait(false);
    }

    private byte[] Answer(NodeAttachment attachment, GivenInterface link, IpamResult addresses)
    {
        foreach (string warning in (IEnumerable<string>)[.. attachment.Vfs.SelectMany(vf => vf.Warnings), .. attachment.Warnings])
            run.Warn(warning);
        if (addresses.Addresses.Count > 0)
            run.Log.Write(CniLogLevel.Info, $"it has the addresses {string.Join(' ', addresses.Addresses.Select(each => each.Address))}");
        string? mac = link.Mac is { IsZero: false } shown ? shown.ToString() : null;
        return new CniResult(run.Call.InterfaceName, mac, link.Mtu, run.Call.Namespace, addresses).Write(run.Config.CniVersion);
    }

    private AllocationRequest Request(Owner owner) => new()
    {
        Pool = run.Config.Pool,
        Vf = run.Config.DeviceId,
        Count = run.Config.Bond is null ? 1 : 2,
        DifferentPfs = run.Config.Bond is not null,
        Owner = owner,
        Tenant = run.Config.Tenant,
        RequestKey = run.Workload.RequestKey,
        GuaranteedMbps = run.Config.DeviceId is null ? run.Config.Settings.MinTxRateMbps : null,
    };

    private AttachOrder Order()
    {
        string name = run.Call.InterfaceName;
        return new AttachOrder
        {
            NamespacePath = run.Call.Namespace,
            InterfaceName = run.Config.Bond is null ? name : BondReader.MembersOf(name),
            NameWord = "CNI_IFNAME",
            Mtu = run.Config.Mtu,
            AllMulticast = run.Config.AllMulticast && run.Config.Bond is null,
            Settings = run.Config.Settings,
        };
    }

    /// <summary>The pod's name where the runtime tells it, else the container's id.</summary>
    private Outcome<Owner> Owner()
    {
        IReadOnlyDictionary<string, string> arguments = run.Call.Arguments;
        bool isPod = arguments.TryGetValue("K8S_POD_NAMESPACE", out string? space) & arguments.TryGetValue("K8S_POD_NAME", out string? pod);
        string name = isPod ? $"{space}/{pod}" : run.Call.ContainerId;
        return OwnerIdentity.OfNamespace(run.Kernel, run.Call.Namespace, name[..Math.Min(name.Length, 253)])
            .Map(owner => owner with { Workload = run.Workload.ToJson() });
    }

    private async Task<CniOutcome<IpamResult>> AddressesAsync(string? name, CancellationToken cancel)
    {
        if (run.Config.IpamType is not { } type)
            return IpamResult.None;
        if (!(await run.IpamAsync("ADD", cancel).ConfigureAwait(false)).Try(out byte[]? bytes, out CniError? error)
            || !IpamResult.Read(bytes, type).Try(out IpamResult? assigned, out error))
            return error;
        // A VF under a user-space driver has no interface: whoever drives it sets the address.
        if (name is null)
            return assigned;
        Outcome<string?> set = await new WorkloadAddresses(run.Kernel, run.Node.Host.Options)
            .ApplyAsync(run.Call.Namespace, name, assigned.ToPlan(), cancel).ConfigureAwait(false);
        if (!set.Try(out string? untold, out Fault? fault))
            return set.Fault is null ? assigned : CniError.Of(set.Fault);
        if (untold is not null)
            run.Warn($"the neighbours were not told of the address: {untold}");
        return assigned;
    }

    private async Task<CniError> UndoAsync(NodeAttachment attachment, CniError why, bool isGiven)
    {
        List<string> left = [];
        if (isGiven && await run.GiveAddressBackAsync(run.Call, CancellationToken.None).ConfigureAwait(false) is { } kept)
            left.Add(kept.Message);
        // What could not be made is gone again, and an interface that was in its way is not ours.
        if (isGiven
            && await GivenInterface.RemoveBondAsync(run, attachment.Allocation, CancellationToken.None).ConfigureAwait(false) is { } bonded)
            left.Add($"the bond was not removed: {bonded.Error}");
        Fault? stuck = await TakeBack.ReleaseAsync(run, attachment.Allocation, $"ADD failed: {why.Message}", CancellationToken.None)
            .ConfigureAwait(false);
        if (stuck is not null)
            left.Add($"the VF was not taken back: {stuck.Error}");
        if (why.Details is not null)
            left.Insert(0, why.Details);
        return left.Count == 0 ? why : why with { Details = string.Join("; ", left) };
    }

    /// <summary>Takes back what a defect left half way; what another call has, or had before, is left to it.</summary>
    private async Task<CniError> UndoHalfAsync(CniError why)
    {
        if (!run.Find().Try(out LedgerAllocation? half, out Fault? stuck))
            return why with { Details = $"{why.Details}; {stuck.Error}" };
        if (half is not { ReadyAt: null })
            return why;
        stuck = await TakeBack.ReleaseAsync(run, half, $"ADD failed: {why.Message}", CancellationToken.None).ConfigureAwait(false);
        return stuck is null ? why : why with { Details = $"{why.Details}; the VF was not taken back: {stuck.Error}" };
    }

    private CniError Refused(Fault fault)
    {
        if (fault.Kind == FaultKind.Refused && run.Config.DeviceId is { } device)
            return CniError.Of(fault) with { Message = $"pci address {device} is already allocated or not fit: {fault.Error}" };
        return fault.Target == run.Call.Namespace && fault.Kind is FaultKind.NotFound or FaultKind.Usage
            ? Unreachable(fault)
            : CniError.Of(fault);
    }

    private CniError Unreachable(Fault fault) =>
        new(CniCode.UnknownContainer,
            $"CNI_NETNS {run.Call.Namespace} of container {run.Call.ContainerId} cannot be entered: {fault.Error}", fault.Remedy);
}
