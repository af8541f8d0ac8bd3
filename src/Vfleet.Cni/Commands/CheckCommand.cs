using Vfleet.Cni.Config;
using Vfleet.Cni.Protocol;
using Vfleet.Cni.Upgrade;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;

namespace Vfleet.Cni.Commands;

/// <summary>CHECK: settings, namespace, name and addresses are still as ADD left them, and the address plugin agrees.</summary>
/// <param name="run">The call.</param>
internal sealed class CheckCommand(CniRun run)
{
    public async Task<CniOutcome<byte[]>> RunAsync(CancellationToken cancel)
    {
        if (CniVersion.CheckCommand("CHECK", run.Config.CniVersion, since: "0.4.0") is { } unknown)
            return unknown;
        if (run.Config.Previous is not { } previous)
            return CniJson.Wrong("prevResult is missing", "the runtime gives CHECK the result of ADD");
        if (!PreviousResult.AddressesOf(previous, run.Call).Try(out List<IPNetworkAddress>? wanted, out CniError? wrong))
            return wrong;
        if (!run.Find().Try(out LedgerAllocation? allocation, out Fault? fault))
            return CniError.Of(fault);
        if (allocation is null)
            return NotInLedger();
        Outcome<IReadOnlyList<string>> checkedVf = await run.Node.CheckAsync(allocation, cancel).ConfigureAwait(false);
        if (!checkedVf.Try(out IReadOnlyList<string>? found, out fault))
            return CniError.Of(fault);
        List<string> differences = [.. found];
        if ((await InterfaceAsync(allocation, wanted, differences, cancel).ConfigureAwait(false)) is { } unread)
            return CniError.Of(unread);
        run.Log.Write(CniLogLevel.Debug, $"{allocation.Id} was compared: {differences.Count} differences");
        if (differences.Count > 0)
            return new CniError(CniCode.Differs,
                $"{run.Call.InterfaceName} of container {run.Call.ContainerId} is not as it was added", string.Join("; ", differences));
        return run.Config.IpamType is null || (await run.IpamAsync("CHECK", cancel).ConfigureAwait(false)).Error is not { } disagrees
            ? CniRun.Nothing
            : disagrees;
    }

    private CniOutcome<byte[]> NotInLedger()
    {
        if (!OldAttachment.Find(run.Options, run.Call, run.Config).Try(out OldAttachment? old, out Fault? fault))
            return CniError.Of(fault);
        if (old is null)
            return new CniError(CniCode.UnknownContainer,
                $"container {run.Call.ContainerId} has no {run.Call.InterfaceName} in network {run.Config.Name}",
                "it was never added, or deleted: see `vfleet ledger list`");
        // Its CHECK looked at nothing, and a runtime ends a container whose check fails.
        run.Warn($"{run.Call.InterfaceName} was attached by the plugin before, and is not checked");
        return CniRun.Nothing;
    }

    private async Task<Fault?> InterfaceAsync(
        LedgerAllocation allocation, IReadOnlyList<IPNetworkAddress> wanted, List<string> differences, CancellationToken cancel)
    {
        string[] members = [.. allocation.Vfs
            .Select(vf => run.Node.Ledger.Read(view => view.Vf(vf.Vf)).Or(null)?.Record?.InterfaceName).OfType<string>()];
        if (members.Length == 0)
            return null;
        if (!run.Kernel.OpenNamespace(run.Call.Namespace).Try(out NetworkNamespace? space, out Fault? fault))
            return fault;
        using (space)
        {
            if (!RouteClient.Open(run.Kernel, space).Try(out RouteClient? route, out fault))
                return fault;
            using (route)
            {
                Outcome<LinkInfo> found = await route.GetLinkAsync(run.Call.InterfaceName, cancel: cancel).ConfigureAwait(false);
                if (found.Fault is { Kind: not FaultKind.NotFound } unread)
                    return unread;
                if (!found.Try(out LinkInfo? link, out _))
                {
                    differences.Add($"{run.Call.Namespace} has no interface {run.Call.InterfaceName}");
                    return null;
                }
                Outcome<List<AddressInfo>> listed = await route.ListAddressesAsync(cancel).ConfigureAwait(false);
                if (!listed.Try(out List<AddressInfo>? now, out fault))
                    return fault;
                differences.AddRange(wanted.Where(address => !now.Any(each => each.InterfaceIndex == link.Index && each.Address == address))
                    .Select(address => $"address {address} is gone from {run.Call.InterfaceName}"));
                if (run.Config.Bond is not null)
                    await MembersAsync(route, link, members, differences, cancel).ConfigureAwait(false);
                if (run.Config.AllMulticast && !link.IsAllMulticast)
                    differences.Add($"{run.Call.InterfaceName} does not receive every group");
                if (!link.IsUp)
                    differences.Add($"{run.Call.InterfaceName} is down");
                return null;
            }
        }
    }

    private static async Task MembersAsync(
        RouteClient route, LinkInfo bond, IReadOnlyList<string> members, List<string> differences, CancellationToken cancel)
    {
        foreach (string member in members)
        {
            // One that is not there is among the differences already.
            Outcome<LinkInfo> found = await route.GetLinkAsync(member, cancel: cancel).ConfigureAwait(false);
            if (found.Try(out LinkInfo? link, out _) && link.Master != bond.Index)
                differences.Add($"{member} does not belong to {bond.Name}");
        }
    }
}
