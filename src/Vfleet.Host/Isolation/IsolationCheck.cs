using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Isolation;

/// <summary>
/// Borrows two free VFs of a PF, measures what the device's promises are worth, and puts everything back, also after failures and
/// cancellation. Equivalent to <c>vfleet preflight --isolation PF</c>.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="probes">How long probes wait; the usual when null.</param>
public sealed class IsolationCheck(SriovHost host, ProbeOptions? probes = null)
{
    private readonly ProbeOptions _probes = probes ?? new ProbeOptions { Time = host.Options.Time };

    /// <summary>The VFs it would borrow; changes nothing.</summary>
    /// <param name="pfName">The PF as people call it.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Refused with fewer than two free VFs.</returns>
    public async Task<Outcome<(VirtualFunction First, VirtualFunction Second)>> ChooseAsync(string pfName, CancellationToken cancel = default)
    {
        Outcome<PhysicalFunction> found = await host.FindPfAsync(pfName, cancel).ConfigureAwait(false);
        return found.Try(out PhysicalFunction? pf, out Fault? fault) ? await FreePair.FindAsync(host, pf, cancel).ConfigureAwait(false) : fault;
    }

    /// <summary>Runs every probe between two VFs: on one VLAN, and with the second on another.</summary>
    /// <param name="pfName">The PF as people call it.</param>
    /// <param name="progress">Told of each stage as it begins.</param>
    /// <param name="cancel">Ends the measuring; the VFs are put back before the caller hears of it.</param>
    /// <returns>What was measured; Refused with fewer than two free VFs; another fault where nothing could be measured or put back.</returns>
    public async Task<Outcome<IsolationReport>> RunAsync(
        string pfName, Action<IsolationProgress>? progress = null, CancellationToken cancel = default)
    {
        Outcome<(VirtualFunction First, VirtualFunction Second)> chosen = await ChooseAsync(pfName, cancel).ConfigureAwait(false);
        if (!chosen.Try(out (VirtualFunction First, VirtualFunction Second) pair, out Fault? fault))
            return fault;
        BorrowedPair borrowed = new(host, pair.First, pair.Second);
        Outcome<IsolationReport> result;
        try
        {
            IsolationRun run = new(host.Kernel, borrowed, _probes, progress);
            result = await run.MeasureAsync(pair.First.Pf.Label, pair.First.Label, pair.Second.Label, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // That something is not back as it was weighs more than that the caller gave up.
            if (await borrowed.GiveBackAsync().ConfigureAwait(false) is { } left)
                return left;
            throw;
        }
        Fault? stuck = await borrowed.GiveBackAsync().ConfigureAwait(false);
        if (stuck is null)
            return result;
        return result.Fault is { } failed ? stuck with { Cause = $"{stuck.Cause ?? stuck.Error}; the check had failed before: {failed.Error}" } : stuck;
    }
}
