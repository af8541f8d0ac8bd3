using Vfleet.Host.State;
using Vfleet.Host.Tuning;
using Vfleet.Node.Counters;
using Vfleet.Node.Health;

namespace Vfleet.Node.Ledger;

/// <summary>
/// One change of the ledger: everything in it becomes durable together, or nothing. Each step writes its row of history; a state changes
/// nowhere else.
/// </summary>
public sealed class LedgerChange : LedgerView
{
    private readonly Actor _actor;
    private readonly DateTimeOffset _now;
    private (long Sequence, byte[] Hash)? _head;

    internal LedgerChange(LedgerConnection connection, Actor actor, DateTimeOffset now)
        : base(connection)
    {
        _actor = actor;
        _now = now;
    }

    /// <summary>Who changes it.</summary>
    public Actor Actor => _actor;

    /// <summary>The time of the change.</summary>
    public DateTimeOffset Now => _now;

    /// <summary>A VF that came: free in its pool, with the state it is to go back to.</summary>
    public LedgerVf AddVf(string vf, string pf, int index, string pool, Baseline? clean)
    {
        LedgerVf added = new() { Vf = vf, Pf = pf, Index = index, Pool = pool, Since = _now, Clean = clean };
        Connection.Run(
            "INSERT INTO vf (vf, pf, idx, pool, state, since, clean) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            vf, pf, index, pool, nameof(VfState.Free), LedgerRows.Milliseconds(_now), LedgerRows.Json(clean));
        Write(added, null, VfState.Free, "found", pool);
        return added;
    }

    /// <summary>A VF that is no more, and that nobody has.</summary>
    public void RemoveVf(LedgerVf vf, string reason)
    {
        Connection.Run("DELETE FROM vf WHERE vf = $1", vf.Vf);
        Write(vf, vf.State, null, reason, null);
    }

    /// <summary>A VF that another pool took; it must be free.</summary>
    public void MovePool(LedgerVf vf, string pool)
    {
        Connection.Run("UPDATE vf SET pool = $2 WHERE vf = $1", vf.Vf, pool);
        Write(vf with { Pool = pool }, vf.State, vf.State, "pool", $"{vf.Pool} -> {pool}");
    }

    /// <summary>
    /// The state a VF is to go back to, recorded anew while it is free; null where it is not known yet. That one which is kept ready is up is
    /// none of it, and a MAC that was set by hand stays so: no reading tells.
    /// </summary>
    public void SetClean(LedgerVf vf, Baseline? clean)
    {
        if (clean is not null && vf.IsWarm)
            clean = clean with { IsUp = vf.Clean?.IsUp == true };
        if (clean is not null && vf.Clean is { IsMacPinned: true } before && before.AdminMac == clean.AdminMac)
            clean = clean with { IsMacPinned = true };
        Connection.Run("UPDATE vf SET clean = $2 WHERE vf = $1", vf.Vf, LedgerRows.Json(clean));
    }

    /// <summary>Who uses a free VF without the ledger's knowledge; null for nobody any more.</summary>
    public void SetStranger(LedgerVf vf, string? stranger)
    {
        Connection.Run("UPDATE vf SET stranger = $2 WHERE vf = $1", vf.Vf, stranger);
        Write(vf, vf.State, vf.State, stranger is null ? "stranger left" : "stranger", stranger ?? vf.Stranger);
    }

    /// <summary>A VF is going to be made ready, or is not any more; see <see cref="LedgerVf.IsWarm"/>.</summary>
    public void SetWarm(LedgerVf vf, bool isWarm) => Connection.Run("UPDATE vf SET warm = $2 WHERE vf = $1", vf.Vf, isWarm ? 1 : 0);

    /// <summary>Where a VF was handed and what it was before; null once it is back.</summary>
    public void SetRecord(string vf, AttachmentRecord? record) =>
        Connection.Run("UPDATE vf SET record = $2 WHERE vf = $1", vf, LedgerRows.Json(record));

    /// <summary>What is going to be tuned for the owner, as it is now; null once it was put back.</summary>
    public void SetTuning(string vf, TuningBaseline? before) =>
        Connection.Run("UPDATE vf SET tuning = $2 WHERE vf = $1", vf, LedgerRows.Json(before));

    /// <summary>How a VF fares now.</summary>
    public void SetHealth(LedgerVf vf, HealthLevel level, string? evidence)
    {
        bool isHealthy = level == HealthLevel.Healthy;
        Connection.Run("UPDATE vf SET health = $2, health_evidence = $3, health_at = $4 WHERE vf = $1", vf.Vf,
            isHealthy ? null : level.ToString(), evidence, isHealthy ? null : LedgerRows.Milliseconds(_now));
        if (vf.Health != level)
            Note("health", evidence is null ? $"{vf.Health} -> {level}" : $"{vf.Health} -> {level}: {evidence}", vf);
    }

    /// <summary>Forgets what was known of a function that is no more: where it was handed, what it was tuned from, how it fared.</summary>
    public void ForgetFunction(LedgerVf vf)
    {
        SetRecord(vf.Vf, null);
        SetTuning(vf.Vf, null);
        SetHealth(vf, HealthLevel.Healthy, null);
    }

    /// <summary>Moves a VF to another state.</summary>
    /// <param name="vf">The VF as it was read in this change.</param>
    /// <param name="to">The new state.</param>
    /// <param name="reason">Why.</param>
    /// <param name="detail">What exactly; for a VF that is quarantined or lost, the evidence.</param>
    /// <returns>Internal when <see cref="VfTransitions"/> does not allow it: whoever asked has overlooked somebody.</returns>
    public Outcome<LedgerVf> Move(LedgerVf vf, VfState to, string reason, string? detail = null)
    {
        if (!VfTransitions.IsAllowed(vf.State, to))
            return new Fault(FaultKind.Internal, $"{vf.Vf} is {vf.State} and cannot become {to}") { Target = vf.Vf, Operation = reason };
        LedgerVf moved = vf with
        {
            State = to,
            Since = _now,
            Allocation = to == VfState.Free ? null : vf.Allocation,
            Evidence = to is VfState.Quarantined or VfState.Lost ? detail : null,
            // What made it ready stays in the kernel until it is scrubbed; who gives a VF back untouched gives it back as ready as it was.
            IsWarm = vf.IsWarm && to != VfState.Lost && (to != VfState.Free || vf.State == VfState.Reserved),
            Worker = VfTransitions.IsWork(to) ? _actor.Process : null,
            Held = VfTransitions.IsOwned(to) ? vf.Held : null,
        };
        Connection.Run(
            "UPDATE vf SET state = $2, since = $3, allocation = $4, evidence = $5, worker = $6, held = CASE WHEN $7 THEN held END, warm = $8 WHERE vf = $1",
            vf.Vf, to.Name(), LedgerRows.Milliseconds(_now), moved.Allocation, moved.Evidence,
            LedgerRows.Json(moved.Worker), VfTransitions.IsOwned(to) ? 1 : 0, moved.IsWarm ? 1 : 0);
        Write(vf, vf.State, to, reason, detail);
        return moved;
    }

    /// <summary>Opens an allocation of VFs that are free, and moves them to <paramref name="to"/>.</summary>
    /// <param name="draft">The allocation; its id and times are given here.</param>
    /// <param name="to">Reserved, or Attached for a VF that is with its owner already.</param>
    /// <param name="isReady">Its owner can use it as it is.</param>
    public Outcome<LedgerAllocation> OpenAllocation(LedgerAllocation draft, VfState to, bool isReady)
    {
        long number = (long)Connection.Scalar(
            """
            INSERT INTO allocation (pool, owner, owner_data, tenant, front_door, request_key, requested_at, ready_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING number
            """,
            draft.Pool, draft.Owner.Name, LedgerRows.Json(draft.Owner), draft.Tenant, draft.FrontDoor, draft.RequestKey,
            LedgerRows.Milliseconds(_now), isReady ? LedgerRows.Milliseconds(_now) : null)!;
        LedgerAllocation opened = draft with { Id = LedgerRows.Id(number), RequestedAt = _now, ReadyAt = isReady ? _now : null };
        for (int place = 0; place < draft.Vfs.Count; place++)
        {
            AllocatedVf each = draft.Vfs[place];
            Connection.Run(
                "INSERT INTO allocation_vf (number, place, vf, pf, guaranteed) VALUES ($1, $2, $3, $4, $5)",
                number, place, each.Vf, each.Pf, each.GuaranteedMbps);
            Connection.Run("UPDATE vf SET allocation = $2 WHERE vf = $1", each.Vf, opened.Id);
            if (Vf(each.Vf) is not { } vf)
                return new Fault(FaultKind.Internal, $"{each.Vf} is not in the ledger") { Target = each.Vf };
            if (!Move(vf, to, to == VfState.Attached ? "adopt" : "allocate").Try(out LedgerVf? moved, out Fault? taken))
                return taken;
            // A VF that is only held needs no work: nobody has to finish it.
            if (isReady)
                SetWorker(moved, null);
        }
        // What was adopted nobody had asked for.
        if (isReady && to != VfState.Attached)
            HandOutCounts.AddSuccess(this);
        return opened;
    }

    /// <summary>True while one of its VFs belongs to an allocation.</summary>
    public bool HasVfs(LedgerAllocation allocation) =>
        allocation.Vfs.Any(vf => Vf(vf.Vf) is { } row && row.Allocation == allocation.Id && VfTransitions.IsOwned(row.State));

    /// <summary>The owner can use it.</summary>
    public void MarkReady(LedgerAllocation allocation) => Connection.Run(
        "UPDATE allocation SET ready_at = coalesce(ready_at, $2) WHERE number = $1", LedgerRows.Number(allocation.Id), LedgerRows.Milliseconds(_now));

    /// <summary>
    /// What is known of an owner now, such as the name of a container that had none when its VFs were asked for; it stays the same owner.
    /// </summary>
    public void SetOwner(LedgerAllocation allocation, Owner owner)
    {
        Connection.Run("UPDATE allocation SET owner = $2, owner_data = $3 WHERE number = $1",
            LedgerRows.Number(allocation.Id), owner.Name, LedgerRows.Json(owner));
        foreach (LedgerVf vf in allocation.Vfs.Select(each => Vf(each.Vf)).OfType<LedgerVf>().Where(vf => vf.Allocation == allocation.Id))
            Note("owner", $"{allocation.Owner.Name} -> {owner.Name}", vf);
    }

    /// <summary>Says which process works on a VF; null where it gives up, so that another may go on at once.</summary>
    public void SetWorker(LedgerVf vf, Owner? worker) =>
        Connection.Run("UPDATE vf SET worker = $2 WHERE vf = $1", vf.Vf, LedgerRows.Json(worker));

    /// <summary>The state the owner got a VF in.</summary>
    public void SetHeld(string vf, Baseline held) =>
        Connection.Run("UPDATE vf SET held = $2 WHERE vf = $1", vf, LedgerRows.Json(held));

    /// <summary>Ends an allocation: its owner has it no more.</summary>
    public void Close(LedgerAllocation allocation, string reason)
    {
        Connection.Run(
            "UPDATE allocation SET released_at = $2, reason = $3 WHERE number = $1 AND released_at IS NULL",
            LedgerRows.Number(allocation.Id), LedgerRows.Milliseconds(_now), reason);
        Append(new HistoryRow
        {
            Sequence = 0,
            At = _now,
            Allocation = allocation.Id,
            FrontDoor = _actor.FrontDoor,
            User = _actor.User,
            Owner = allocation.Owner.Name,
            Tenant = allocation.Tenant,
            Reason = reason,
            Detail = $"released {string.Join(' ', allocation.Vfs.Select(vf => vf.Vf))}",
        });
    }

    /// <summary>Keeps a document; the one of the same kind and name is replaced.</summary>
    public void PutDocument(string kind, string name, string text)
    {
        Connection.Run(
            "INSERT OR REPLACE INTO document (kind, name, text, applied_at) VALUES ($1, $2, $3, $4)", kind, name, text, LedgerRows.Milliseconds(_now));
        Note("apply", $"{kind}/{name}");
    }

    /// <summary>Forgets a document.</summary>
    /// <returns>False where there was none.</returns>
    public bool RemoveDocument(string kind, string name)
    {
        if (Connection.Run("DELETE FROM document WHERE kind = $1 AND name = $2", kind, name) == 0)
            return false;
        Note("delete", $"{kind}/{name}");
        return true;
    }

    /// <summary>Keeps a value of the ledger's own.</summary>
    public void SetMeta(string key, string? value)
    {
        if (value is null)
            Connection.Run("DELETE FROM meta WHERE key = $1", key);
        else
            Connection.Run("INSERT OR REPLACE INTO meta (key, value) VALUES ($1, $2)", key, value);
    }

    /// <summary>Adds to a value of the ledger's own that is a whole number, and 0 where it is not there.</summary>
    public void AddToMeta(string key, long more) => Connection.Run(
        """
        INSERT INTO meta (key, value) VALUES ($1, CAST($2 AS TEXT))
        ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + $2 AS TEXT)
        """, key, more);

    /// <summary>Removes history up to a checkpoint, and allocations that ended before a time.</summary>
    internal long Prune(LedgerCheckpoint to, DateTimeOffset endedBefore)
    {
        long rows = Connection.Run("DELETE FROM history WHERE seq <= $1", to.Sequence);
        Connection.Run("DELETE FROM checkpoint");
        Connection.Run(
            "INSERT INTO checkpoint (seq, hash, at, signature) VALUES ($1, $2, $3, $4)",
            to.Sequence, to.Hash, LedgerRows.Milliseconds(to.At), to.Signature);
        Connection.Run("DELETE FROM allocation WHERE released_at < $1", LedgerRows.Milliseconds(endedBefore));
        Connection.Run("DELETE FROM allocation_vf WHERE number NOT IN (SELECT number FROM allocation)");
        return rows;
    }

    /// <summary>A row of history that changes no state.</summary>
    public void Note(string reason, string? detail, LedgerVf? about = null)
    {
        if (about is not null)
        {
            Write(about, about.State, about.State, reason, detail);
            return;
        }
        Append(new HistoryRow { Sequence = 0, At = _now, FrontDoor = _actor.FrontDoor, User = _actor.User, Reason = reason, Detail = detail });
    }

    private void Write(LedgerVf vf, VfState? from, VfState? to, string reason, string? detail)
    {
        LedgerAllocation? allocation = vf.Allocation is { } id ? Allocation(id) : null;
        Append(new HistoryRow
        {
            Sequence = 0,
            At = _now,
            Vf = vf.Vf,
            Allocation = vf.Allocation,
            From = from,
            To = to,
            FrontDoor = _actor.FrontDoor,
            User = _actor.User,
            Owner = allocation?.Owner.Name,
            Tenant = allocation?.Tenant,
            Reason = reason,
            Detail = detail,
        });
    }

    private void Append(HistoryRow row)
    {
        (long sequence, byte[] before) = _head ??= Head();
        row = row with { Sequence = sequence + 1 };
        byte[] hash = row.HashAfter(before);
        Connection.Run(
            """
            INSERT INTO history (seq, at, vf, allocation, from_state, to_state, front_door, user, owner, tenant, reason, detail, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            row.Sequence, LedgerRows.Milliseconds(row.At), row.Vf, row.Allocation, row.From?.Name(), row.To?.Name(), row.FrontDoor, row.User,
            row.Owner, row.Tenant, row.Reason, row.Detail, hash);
        _head = (row.Sequence, hash);
    }
}
