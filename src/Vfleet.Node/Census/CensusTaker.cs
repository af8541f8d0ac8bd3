using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Host.Scrub;
using Vfleet.Host.State;
using Vfleet.Host.Usage;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Census;

/// <summary>
/// Reads the machine and brings the ledger's list of VFs up to it: new ones, lost ones, those that changed their pool, and those that somebody
/// uses without the ledger's knowledge. Nothing is written where nothing changed.
/// </summary>
/// <param name="host">The machine.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="definitions">The pools that documents define.</param>
public sealed class CensusTaker(SriovHost host, NodeLedger ledger, NodeDefinitions definitions)
{
    /// <summary>Reads machine and ledger together.</summary>
    /// <param name="isThorough">Looks at every free VF for a stranger; else at new ones and those that are not as they should be.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public Task<Outcome<NodeReading>> TakeAsync(bool isThorough = false, CancellationToken cancel = default) =>
        TakeAsync(() => ReadAsync(cancel), isThorough, keeps: true, cancel);

    /// <summary>The same for whoever is going to hand a VF out, and does not ask which PFs carry default routes.</summary>
    /// <param name="vf">The only VF that is asked for: its PF is read, and what the ledger has of others stays; null reads all.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public Task<Outcome<NodeReading>> TakeWithoutRoutesAsync(string? vf, CancellationToken cancel = default) => TakeAsync(
        () => vf is null ? host.Inventory.ReadWithoutRoutesAsync(VfDetail.Settings, cancel) : host.Inventory.ReadWithoutRoutesAsync([vf], VfDetail.Settings, cancel),
        isThorough: false, keeps: true, cancel);

    /// <summary>The same reading, of which the ledger keeps nothing.</summary>
    public Task<Outcome<NodeReading>> RehearseAsync(CancellationToken cancel = default) =>
        TakeAsync(() => ReadAsync(cancel), isThorough: false, keeps: false, cancel);

    private ValueTask<Outcome<MachineInventory>> ReadAsync(CancellationToken cancel) => host.Inventory.ReadAsync(null, VfDetail.Settings, cancel);

    private async Task<Outcome<NodeReading>> TakeAsync(
        Func<ValueTask<Outcome<MachineInventory>>> readAsync, bool isThorough, bool keeps, CancellationToken cancel)
    {
        if (!ledger.Read(view => view.Head().Sequence).Try(out long before, out Fault? closed))
            return closed;
        Outcome<MachineInventory> read = await readAsync().ConfigureAwait(false);
        if (!read.Try(out MachineInventory? machine, out Fault? fault)
            || !definitions.Pools(machine.Pfs).Try(out IReadOnlyList<PoolDefinition>? pools, out fault)
            || !PoolCatalog.Create(pools, machine).Try(out PoolCatalog? catalog, out fault))
            return fault;
        if (!ledger.Read(view => view.Vfs()).Try(out IReadOnlyList<LedgerVf>? rows, out fault))
            return fault;
        Dictionary<string, LedgerVf> known = rows.ToDictionary(row => row.Vf, StringComparer.Ordinal);
        VirtualFunction[] suspects = [.. machine.Vfs.Where(vf => IsSuspect(vf, known.GetValueOrDefault(vf.Label), isThorough))];
        Outcome<IReadOnlyList<VfInUse>> usage = suspects.Length == 0
            ? Outcome<IReadOnlyList<VfInUse>>.Of([])
            : await new VfUsage(host.Kernel, host.Options).FindAsync(suspects, cancel).ConfigureAwait(false);
        if (!usage.Try(out IReadOnlyList<VfInUse>? used, out fault))
            return fault;
        CensusUpdate update = new(machine, catalog, known, suspects, used);
        if (!keeps)
        {
            return ledger.Rehearse(change =>
            {
                update.Apply(change);
                return Outcome<NodeReading>.Of(Reading(change));
            });
        }
        if (!update.IsEmpty && ledger.Change(LedgerStep.Census, update.Apply).Fault is { } refused)
            return refused;
        return ledger.Read(Reading);

        NodeReading Reading(LedgerView view) => NodeReading.Of(view, machine, catalog, before);
    }

    private static bool IsSuspect(VirtualFunction vf, LedgerVf? row, bool isThorough) => row switch
    {
        null or { State: VfState.Lost } => true,
        { State: not VfState.Free } => false,
        { Clean: { } clean, Stranger: null } when !isThorough => IsTouched(vf, clean, row.IsWarm),
        _ => true,
    };

    private static bool IsTouched(VirtualFunction vf, Baseline clean, bool isWarm) =>
        vf.IsInterfaceElsewhere || (vf.Link?.IsUp == true && !clean.IsUp && !isWarm) || CleanState.Differences(vf, clean).Count > 0;
}
