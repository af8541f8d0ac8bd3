using Vfleet.Node.Census;
using Vfleet.Node.Documents;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;

namespace Vfleet.Node.Plans;

/// <summary>What a look at the applied documents came to.</summary>
/// <param name="Applied">PFs that were made as documents say.</param>
/// <param name="Left">What is not as documents say and is nobody's to do but people's, each in a sentence.</param>
public sealed record PolicyReport(IReadOnlyList<string> Applied, IReadOnlyList<string> Left);

/// <summary>
/// Makes PFs again what the applied documents say, after a boot, a reset of the NIC, or when a PF comes later. It does what destroys
/// nothing and touches nobody's VF; of the rest it says once that it is left. It plans where documents, PFs, their numbers of VFs or
/// maintenance are others than when it looked last, and tries what failed again later. Not safe for concurrent use.
/// </summary>
/// <param name="node">The node.</param>
public sealed class PolicyKeeper(LocalNode node)
{
    /// <summary>Where the ledger keeps what was said last, so that a later process does not say it again.</summary>
    private const string SaidKey = "policies.left";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly NodePolicies _policies = new(node);
    private string? _seen;
    private long? _failedAt;
    private IReadOnlyList<string> _left = [];

    /// <summary>Compares the machine with the documents, and does what is safe.</summary>
    /// <param name="reading">Machine and ledger.</param>
    /// <param name="windows">What is under maintenance; that is left.</param>
    /// <param name="cancel">Ends it; a PF that is being changed is put back.</param>
    public async Task<Outcome<PolicyReport>> RunAsync(
        NodeReading reading, IReadOnlyList<MaintenanceWindow> windows, CancellationToken cancel = default)
    {
        if (!_policies.Applied().Try(out IReadOnlyList<LedgerDocument>? documents, out Fault? fault))
            return fault;
        string now = Sign(documents, reading, windows);
        if (now == _seen && !IsDueAgain())
            return new PolicyReport([], _left);
        if (documents.All(document => document.Kind != KindNames.NodePolicy))
            return Say([], now).Map(_ => new PolicyReport([], []));
        Outcome<FileStream> locked = await ApplyLock.TryAloneAsync(node.Host.Options, cancel).ConfigureAwait(false);
        // Somebody applies documents at this moment: what is missing is on its way.
        if (locked.Fault is { Kind: FaultKind.TimedOut })
            return new PolicyReport([], _left);
        if (!locked.Try(out FileStream? alone, out fault))
            return fault;
        using (alone)
        {
            // Read again: somebody may have applied others before nobody could.
            return _policies.Applied().Try(out documents, out fault)
                ? await RunAloneAsync(documents, windows, Sign(documents, reading, windows), cancel).ConfigureAwait(false) : fault;
        }
    }

    private async Task<Outcome<PolicyReport>> RunAloneAsync(
        IReadOnlyList<LedgerDocument> documents, IReadOnlyList<MaintenanceWindow> windows, string now, CancellationToken cancel)
    {
        if ((await _policies.FinishAsync(cancel).ConfigureAwait(false)).Fault is { } unfinished)
            return unfinished;
        Outcome<PolicyChange> planned = await _policies.PlanAsync(DocumentUpdate.Of([], documents), cancel: cancel).ConfigureAwait(false);
        if (!planned.Try(out PolicyChange? change, out Fault? fault))
            return fault;
        List<string> left = [.. change.Plan.Faults.Select(each => each.Error)];
        List<string> applied = [];
        _failedAt = null;
        foreach (PfPlan pf in change.Plan.Pfs.Where(pf => !pf.IsEmpty))
        {
            if (Maintenance.Covers(windows, pf.Pf.DeviceName))
                left.Add($"{pf.Pf.Label} is under maintenance: {Steps(pf)}");
            else if (WhyNot(pf) is { } reason)
                left.Add(reason);
            else if (await ApplyAsync(change, pf, cancel).ConfigureAwait(false) is { } failed)
                left.Add($"{pf.Pf.Label} is not as documents say: {failed.Error}");
            else
                applied.Add(pf.Pf.Label);
        }
        // What was changed is looked at once more.
        return Say(left, applied.Count == 0 ? now : null).Map(_ => new PolicyReport(applied, left));
    }

    private async Task<Fault?> ApplyAsync(PolicyChange change, PfPlan pf, CancellationToken cancel)
    {
        PolicyChange one = change with { Plan = new NodePlan { Pfs = [pf] } };
        Fault? failed = (await _policies.ApplyAloneAsync(one, new PlanOptions(), cancel).ConfigureAwait(false)).Fault;
        if (failed is not null)
            _failedAt = node.Host.Options.Time.GetTimestamp();
        return failed;
    }

    private bool IsDueAgain() => _failedAt is { } at && node.Host.Options.Time.GetElapsedTime(at) >= Patience;

    /// <summary>Why a PF is not changed without being asked; null where nothing is destroyed and nobody's VF touched.</summary>
    private static string? WhyNot(PfPlan pf)
    {
        if (pf.Refusal(force: false) is { } refusal)
            return $"{refusal.Error}; `vfleet plan` shows the choices";
        return pf.IsDestructive || pf.Steps.Any(step => step.Held.Any())
            ? $"{pf.Pf.Label}: {Steps(pf)} would destroy {pf.Destroys.Count()} VFs; `vfleet plan` shows it, `vfleet apply` does it"
            : null;
    }

    private static string Steps(PfPlan pf) => string.Join("; ", pf.Steps.Select(step => step.Text));

    /// <summary>Writes what is left into history where it is something else than what was said last.</summary>
    private Outcome<Unit> Say(List<string> left, string? seen)
    {
        string? text = left.Count == 0 ? null : string.Join("; ", left);
        Outcome<string?> said = node.Ledger.Read(view => view.Meta(SaidKey));
        if (said.Fault is { } unread)
            return unread;
        if (said.Value != text)
        {
            Outcome<Unit> written = node.Ledger.Change(LedgerStep.Repair, change =>
            {
                change.SetMeta(SaidKey, text);
                change.Note("policy", text ?? "nothing is left any more");
            });
            if (written.Fault is not null)
                return written;
        }
        (_left, _seen) = (left, seen);
        return Unit.Done;
    }

    /// <summary>What a plan follows from, but for settings that only people change: the same text is the same plan.</summary>
    private static string Sign(
        IReadOnlyList<LedgerDocument> documents, NodeReading reading, IReadOnlyList<MaintenanceWindow> windows) => string.Join('\n',
    [
        .. documents.Select(document => $"{document.Kind}/{document.Name} {document.AppliedAt.Ticks}"),
        .. from pf in reading.Machine.Pfs
           select $"{pf.DeviceName} {pf.Name} {pf.Driver} {pf.NumVfs} {reading.Machine.VfsOf(pf).Count} {pf.TotalVfs}",
        .. windows.Select(window => $"maintenance {window.Pf}"),
    ]);
}
