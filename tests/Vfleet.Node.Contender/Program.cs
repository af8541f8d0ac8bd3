using Vfleet.Linux;
using Vfleet.Node.Ledger;

// One of many processes that allocate and release the same VFs through one ledger: Vfleet.Node.Contender STATE GUARDS
// It begins once GUARDS/go exists, ends once GUARDS/stop exists, and prints how many VFs it had. A VF it has is guarded by a file that only one
// process can make: whoever finds that file has met another owner.
(string state, string guards) = (args[0], args[1]);
using NodeLedger ledger = NodeLedger.Open(new LedgerOptions { StateDirectory = state }, new Actor("contender", null, null)).Value;
Console.WriteLine("ready");
while (!File.Exists(Path.Combine(guards, "go")))
    await Task.Delay(10);
int had = 0;
for (string stop = Path.Combine(guards, "stop"); !File.Exists(stop);)
{
    // Looked at first: who finds none must not keep those waiting who bring one back.
    if (ledger.Read(view => !view.VfsOf("fast").Any(vf => vf.IsAvailable)).Or(false))
    {
        await Task.Delay(10);
        continue;
    }
    Outcome<LedgerAllocation> got = ledger.Change(LedgerStep.Reserve, change => change.VfsOf("fast").FirstOrDefault(vf => vf.IsAvailable) is { } free
        ? change.OpenAllocation(Draft(free.Vf), VfState.Reserved, isReady: true)
        : Fault.Refused("none is free"));
    if (!got.Try(out LedgerAllocation? mine, out Fault? fault))
    {
        if (fault.Kind is not (FaultKind.Refused or FaultKind.TimedOut))
            return Bad($"{fault.Kind}: {fault.Error} ({fault.Cause})");
        continue;
    }
    string guard = Path.Combine(guards, mine.Vfs[0].Vf);
    try
    {
        using FileStream own = new(guard, FileMode.CreateNew);
    }
    catch (IOException)
    {
        return Bad($"{mine.Vfs[0].Vf} has two owners");
    }
    await Task.Yield();
    File.Delete(guard);
    had++;
    Fault? stuck;
    do
    {
        // The others keep the ledger busy; what one has it gives back, however long that takes.
        stuck = ledger.Change(LedgerStep.Free, change => Return(change, mine)).Fault;
    }
    while (stuck is { Kind: FaultKind.TimedOut });
    if (stuck is not null)
        return Bad($"{stuck.Kind}: {stuck.Error} ({stuck.Cause})");
}
Console.WriteLine(had);
return 0;

static int Bad(string what)
{
    Console.WriteLine(what);
    return 1;
}

static LedgerAllocation Draft(string vf) => new()
{
    Id = "",
    Pool = "fast",
    Owner = new Owner { Name = "contender" },
    FrontDoor = "contender",
    RequestedAt = default,
    Vfs = [new AllocatedVf(vf, "eth0", 0)],
};

static Outcome<LedgerVf> Return(LedgerChange change, LedgerAllocation allocation)
{
    LedgerVf vf = change.Vf(allocation.Vfs[0].Vf)!;
    change.Close(allocation, "release");
    foreach (VfState to in (VfState[])[VfState.Releasing, VfState.Scrubbing, VfState.Free])
    {
        if (!change.Move(vf, to, "release").Try(out LedgerVf? moved, out Fault? fault))
            return fault;
        vf = moved;
    }
    return vf;
}
