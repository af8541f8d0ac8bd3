using Vfleet.Linux.Pci;

namespace Vfleet.Linux.Tests.Pci;

public sealed class UnitPciResetsTests
{
    private readonly MemoryTree _tree = Igb.Tree(4);
    private readonly DriverCore _core;
    private readonly FakeKernel _kernel;
    private readonly PciResets _resets;

    public UnitPciResetsTests()
    {
        _core = new DriverCore(_tree);
        _kernel = new FakeKernel(_tree);
        _resets = new PciResets(_kernel, TimeProvider.System);
        DriverCore.Register(_tree, "vfio-pci");
        _core.Attach(Igb.VirtualFunction(0), "vfio-pci");
        _core.Attach(Igb.VirtualFunction(1), "vfio-pci");
        _core.Attach(Igb.VirtualFunction(2), "igbvf");
    }

    [Fact]
    public async Task The_way_follows_the_driver()
    {
        PciAddress[] all = [.. Enumerable.Range(0, 4).Select(Igb.VirtualFunction)];

        IReadOnlyList<ResetResult> results = await _resets.ResetManyAsync(all);

        Assert.Equal(all, results.Select(result => result.Address));
        Assert.All(results, result => Expect.Done(result.Outcome));
        Assert.Equal([ResetWay.Vfio, ResetWay.Vfio, ResetWay.Sysfs, ResetWay.Sysfs], results.Select(result => result.Way));
        Assert.Equal(2, _tree.Writes.Count);
        Assert.All(_tree.Writes, write => Assert.StartsWith("1 > ", write, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Vfio_resets_run_side_by_side()
    {
        using Barrier both = new(2);
        _kernel.OnOpenVfio = _ => both.SignalAndWait(TimeSpan.FromSeconds(20)) ? Fault.Unsupported("met") : Fault.Unsupported("alone");

        IReadOnlyList<ResetResult> results = await _resets.ResetManyAsync([Igb.VirtualFunction(0), Igb.VirtualFunction(1)]);

        Assert.Equal(2, _kernel.MostOpen);
        Assert.All(results, result => Assert.Equal((ResetWay.Sysfs, "met"), (result.Way, result.Detour!.Error)));
    }

    [Fact]
    public async Task No_more_run_at_once_than_asked()
    {
        _ = await _resets.ResetManyAsync([Igb.VirtualFunction(0), Igb.VirtualFunction(1)], new ResetOptions { Parallelism = 1 });

        Assert.Equal(1, _kernel.MostOpen);
    }

    [Fact]
    public async Task A_function_in_use_is_refused_unless_forced()
    {
        _kernel.OnOpenVfio = address => Fault.FromErrno(Errno.EBUSY, "open", address.ToString());

        ResetResult refused = await _resets.ResetAsync(Igb.VirtualFunction(0));
        Assert.Equal(FaultKind.Refused, refused.Outcome.Fault!.Kind);
        Assert.Empty(_tree.Writes);

        ResetResult forced = await _resets.ResetAsync(Igb.VirtualFunction(0), new ResetOptions { EvenInUse = true });
        Assert.Equal(ResetWay.Sysfs, forced.Way);
        Expect.Done(forced.Outcome);
    }

    [Fact]
    public async Task A_function_without_a_reset_says_so()
    {
        Assert.Equal(FaultKind.Kernel, (await _resets.ResetAsync(Igb.RootPort)).Outcome.Fault!.Kind);
        Assert.Equal(FaultKind.NotFound, (await _resets.ResetAsync(new PciAddress(0, 0x4200))).Outcome.Fault!.Kind);
    }

    [Fact]
    public async Task A_reset_that_fails_is_told_and_the_others_run()
    {
        _core.Refusals[$"{Igb.VirtualFunction(2)}/reset"] = Errno.ENOTTY;

        IReadOnlyList<ResetResult> results = await _resets.ResetManyAsync([Igb.VirtualFunction(2), Igb.VirtualFunction(3)]);

        Assert.Equal([false, true], results.Select(result => result.Outcome.Succeeded));
        Assert.Equal(Errno.ENOTTY, results[0].Outcome.Fault!.Errno);
    }

    [Fact]
    public async Task At_the_deadline_the_late_ones_time_out_and_no_more_start()
    {
        using ManualResetEventSlim kernel = new();
        _kernel.OnOpenVfio = _ =>
        {
            kernel.Wait();
            return Fault.Unsupported("late");
        };
        ResetOptions options = new() { Parallelism = 1, Deadline = TimeSpan.FromMilliseconds(200) };

        IReadOnlyList<ResetResult> results = await _resets.ResetManyAsync([Igb.VirtualFunction(2), Igb.VirtualFunction(0), Igb.VirtualFunction(1)], options);
        kernel.Set();

        Assert.Equal([null, FaultKind.TimedOut, FaultKind.TimedOut], results.Select(result => result.Outcome.Fault?.Kind));
        Assert.Equal(1, _kernel.MostOpen);
    }

    [Fact]
    public async Task Cancelling_ends_the_waiting()
    {
        using ManualResetEventSlim kernel = new();
        using CancellationTokenSource cancel = new();
        _kernel.OnOpenVfio = _ =>
        {
            cancel.Cancel();
            kernel.Wait();
            return Fault.Unsupported("late");
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _resets.ResetManyAsync([Igb.VirtualFunction(0)], null, cancel.Token));
        kernel.Set();
    }

    [Fact]
    public async Task Nothing_to_reset_is_nothing_done() => Assert.Empty(await _resets.ResetManyAsync([]));

    [Fact]
    public async Task Progress_is_told_of_each()
    {
        List<PciAddress> told = [];
        ResetOptions options = new()
        {
            Progress = result =>
            {
                lock (told)
                    told.Add(result.Address);
            },
        };

        _ = await _resets.ResetManyAsync([Igb.VirtualFunction(0), Igb.VirtualFunction(2)], options);

        Assert.Equal([Igb.VirtualFunction(0), Igb.VirtualFunction(2)], told.Order());
    }
}
