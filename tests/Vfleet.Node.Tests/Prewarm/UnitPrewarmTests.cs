using Vfleet.Host.Inventory;
using Vfleet.Host.Scrub;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;
using Vfleet.Node.Pools;
using Vfleet.Node.Prewarm;
using Vfleet.Node.Reconcile;
using Vfleet.Node.Verify;
using Vfleet.Simulation.Faults;

namespace Vfleet.Node.Tests.Prewarm;

/// <summary>Free VFs are kept ready: clean, bound, up and quiet; and what that changed is nobody's once they have an owner.</summary>
public sealed class UnitPrewarmTests
{
    private const string Ipv6 = "/proc/sys/net/ipv6/conf", Ipv4 = "/proc/sys/net/ipv4/conf";

    [Theory]
    [InlineData("igb")]
    [InlineData("ice")]
    [InlineData("mlx5")]
    public async Task AsManyAsTheRuleSaysAreUpAndQuietAndTheNextPassHasNothingToDo(string profile)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(profile);
        Rule(machine, "prewarm: 2");
        Reconciler reconciler = new(machine.Node);
        Assert.Equal(2, (await reconciler.PassAsync()).Value.Prewarm!.Warmed.Count);
        for (int index = 0; index < 3; index++)
        {
            VirtualFunction vf = await machine.ReadAsync(machine.Vf(index));
            string name = vf.Link!.Name;
            bool isWarm = index < 2;
            Assert.Equal((isWarm, isWarm), (machine.Row(vf.Label).IsReady, vf.Link.IsUp));
            Assert.Equal(isWarm ? ("1", "0", "1") : ("0", "1", "0"), (Read(machine, $"{Ipv6}/{name}/addr_gen_mode"),
                Read(machine, $"{Ipv6}/{name}/accept_ra"), Read(machine, $"{Ipv6}/{name}/disable_ipv6")));
            (string, string) ipv4 = (Read(machine, $"{Ipv4}/{name}/arp_ignore"), Read(machine, $"{Ipv4}/{name}/rp_filter"));
            Assert.Equal(isWarm ? ("8", "1") : ("0", "0"), ipv4);
            Assert.DoesNotContain(await AddressesAsync(machine), address => address.InterfaceIndex == vf.Link.Index);
        }
        Assert.Equal(2, (await StatusAsync(machine)).Prewarmed);
        PassReport quiet = (await reconciler.PassAsync()).Value;
        Assert.True(quiet.IsQuiet, string.Join("; ", quiet.Drifts.SelectMany(each => each.Differences)));
        Assert.Empty((await new NodeVerifier(machine.Node).VerifyAsync()).Value.Violations);
    }

    [Theory]
    [InlineData("vlan")]
    [InlineData("mac")]
    [InlineData("reset")]
    public async Task AReadyVfThatIsChangedByHandIsReadyAndQuietAgain(string what)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        Rule(machine, "prewarm: 1");
        Reconciler reconciler = new(machine.Node);
        Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Warmed);
        string vf = machine.Vf(0);
        Fault? refused = what switch
        {
            "vlan" => (await machine.Node.Host.SetAsync(vf, new Host.Settings.VfSettings { Vlan = 7 }, force: false, dryRun: false)).Fault,
            "mac" => (await machine.Node.Host.SetAsync(vf, new Host.Settings.VfSettings { Mac = new(0x02_00_00_00_00_33) }, force: false, dryRun: false)).Fault,
            _ => (await machine.Node.Host.ResetAsync([vf], force: false, dryRun: false)).Value[0].Outcome.Fault,
        };
        Assert.Null(refused);
        for (int passes = 0; passes < 2; passes++)
            _ = (await reconciler.PassAsync()).Value;
        VirtualFunction now = await machine.ReadAsync(vf);
        Assert.Equal((true, true, "8"), (machine.Row(now.Label).IsReady, now.Link!.IsUp, Read(machine, $"{Ipv4}/{now.Link.Name}/arp_ignore")));
        NodeAttachment attached = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue"))).Value;
        Rule(machine, "prewarm: 0");
        _ = (await machine.Node.ReleaseAsync(attached.Allocation.Id)).Value;
        Assert.False((await machine.ReadAsync(vf)).Link!.IsUp);
    }

    [Fact]
    public async Task AReadyVfIsAllocatedFirstWithoutWorkInTheKernelAndReplacedByTheNextPass()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        Rule(machine, "prewarm: 1");
        Reconciler reconciler = new(machine.Node);
        // The first VF is not the ready one.
        LedgerAllocation first = (await machine.Node.AllocateAsync(machine.Request("first"))).Value;
        string ready = Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Warmed);
        _ = (await machine.Node.ReleaseAsync(first.Id)).Value;
        Assert.NotEqual(first.Vfs[0].Vf, ready);
        int index = (await machine.ReadAsync(ready)).Link!.Index;

        LedgerAllocation got = (await machine.Node.AllocateAsync(machine.Request("blue"))).Value;
        Assert.Equal(ready, got.Vfs[0].Vf);
        LinkInfo link = (await machine.ReadAsync(ready)).Link!;
        Assert.Equal((index, true), (link.Index, link.IsUp));
        Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Warmed);
        Assert.Equal(1, (await StatusAsync(machine)).Prewarmed);

        _ = (await machine.Node.ReleaseAsync(got.Id)).Value;
        Assert.False((await machine.ReadAsync(ready)).Link!.IsUp);
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
    }

    [Fact]
    public async Task AnOwnersInterfaceSpeaksAsAnyOtherAndComesBackDown()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        Rule(machine, "prewarm: 1\n  scrub: settings");
        Reconciler reconciler = new(machine.Node);
        string ready = Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Warmed);
        NodeAttachment got = (await machine.Node.AttachAsync(machine.RequestFor("blue"), NodeMachine.To("blue"))).Value;
        Assert.Equal(ready, got.Allocation.Vfs[0].Vf);
        // IPv6 gave it an address by itself: its switches are those of the namespace.
        using (NetworkNamespace within = machine.Kernel.OpenNamespace("/run/netns/blue").Value)
        using (RouteClient route = RouteClient.Open(machine.Kernel, within).Value)
            Assert.Contains((await route.ListAddressesAsync()).Value, address => address.IsLinkLocal);
        Assert.False(machine.Row(ready).Record!.Baseline.IsUp);

        Rule(machine, "prewarm: 0\n  scrub: settings");
        _ = (await machine.Node.ReleaseAsync(ready)).Value;
        VirtualFunction vf = await machine.ReadAsync(ready);
        Assert.Equal((false, false), (vf.Link!.IsUp, machine.Row(ready).IsWarm));
        Assert.Equal("0", Read(machine, $"{Ipv6}/{vf.Link.Name}/disable_ipv6"));
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("settings")]
    public async Task WithoutTheRuleItIsAsBefore(string scrub)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        Rule(machine, $"prewarm: 2\n  scrub: {scrub}");
        Reconciler reconciler = new(machine.Node);
        IReadOnlyList<string> ready = (await reconciler.PassAsync()).Value.Prewarm!.Warmed;
        Rule(machine, $"prewarm: 1\n  scrub: {scrub}");
        Assert.Equal(ready[1], Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Cooled));
        Rule(machine, $"scrub: {scrub}");
        Assert.Equal(ready[0], Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Cooled));
        foreach (string vf in ready)
        {
            LinkInfo link = (await machine.ReadAsync(vf)).Link!;
            Assert.False(link.IsUp);
            Assert.Equal(("0", "0"), (Read(machine, $"{Ipv6}/{link.Name}/disable_ipv6"), Read(machine, $"{Ipv4}/{link.Name}/arp_ignore")));
            Assert.Empty(CleanState.Differences(await machine.ReadAsync(vf), machine.Row(vf).Clean!));
        }
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("loud")]
    public async Task WhatSomebodyDidToAReadyVfIsPutBack(string what)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        Rule(machine, "prewarm: 1");
        Reconciler reconciler = new(machine.Node);
        string ready = Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Warmed);
        LinkInfo link = (await machine.ReadAsync(ready)).Link!;
        if (what == "loud")
        {
            _ = machine.Kernel.Files.WriteText($"{Ipv4}/{link.Name}/arp_ignore", "0").Value;
        }
        else
        {
            using RouteClient route = RouteClient.Open(machine.Kernel).Value;
            _ = (await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Up = false })).Value;
        }
        Assert.Contains((await new NodeVerifier(machine.Node).VerifyAsync()).Value.Violations, each => each.Target == ready);
        Assert.Equal(ready, Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Warmed));
        Assert.Empty((await new NodeVerifier(machine.Node).VerifyAsync()).Value.Violations);
    }

    [Fact]
    public async Task UnderMaintenanceNothingIsMadeReadyOrTakenBack()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        Rule(machine, "prewarm: 1");
        Reconciler reconciler = new(machine.Node);
        _ = Maintenance.Start(machine.Node.Ledger, null, null, DateTimeOffset.UnixEpoch).Value;
        Assert.True((await reconciler.PassAsync()).Value.Prewarm!.IsQuiet);
        _ = Maintenance.End(machine.Node.Ledger, null).Value;
        Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Warmed);
        _ = Maintenance.Start(machine.Node.Ledger, null, null, DateTimeOffset.UnixEpoch).Value;
        Rule(machine, "prewarm: 0");
        Assert.True((await reconciler.PassAsync()).Value.Prewarm!.IsQuiet);
    }

    [Fact]
    public async Task AVfThatCannotBeMadeReadyIsFreeAndSaidAndNotTriedEachPass()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        Rule(machine, "prewarm: 1");
        Reconciler reconciler = new(machine.Node);
        VirtualFunction vf = await machine.ReadAsync(machine.Vf(0));
        _ = machine.Kernel.Machine.Faults.Arm($"busy@{vf.Label}*1").Value;
        PrewarmReportIs(1, await reconciler.PassAsync());
        long rows = machine.Node.Ledger.Read(view => view.Head().Sequence).Value;
        PrewarmReportIs(1, await reconciler.PassAsync());
        Assert.Equal(rows, machine.Node.Ledger.Read(view => view.Head().Sequence).Value);
        Assert.Equal((VfState.Free, false), (machine.Row(vf.Label).State, machine.Row(vf.Label).IsWarm));
        Assert.False((await machine.ReadAsync(vf.Label)).Link!.IsUp);
        // Another watcher has not failed with it.
        Assert.Single((await new Reconciler(machine.Node).PassAsync()).Value.Prewarm!.Warmed);

        static void PrewarmReportIs(int faults, Outcome<PassReport> report) =>
            Assert.Equal((faults, 0), (report.Value.Prewarm!.Faults.Count, report.Value.Prewarm.Warmed.Count));
    }

    /// <summary>Its owner took it as it was, and its driver kept it from being reset when it came back: up and quiet still.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task AVfFreedByForceIsStillKnownForOneThatMayBeUpAndQuiet(int wanted)
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 1);
        Rule(machine, "prewarm: 1");
        Reconciler reconciler = new(machine.Node);
        string vf = Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Warmed);
        LedgerAllocation got = (await machine.Node.AllocateAsync(machine.Request())).Value;
        Assert.True(machine.Kernel.Machine.Faults.Arm($"busy@{vf}").Succeeded);
        Assert.Single((await machine.Node.ReleaseAsync(got.Id)).Value.Quarantined);
        machine.Kernel.Machine.Faults.Clear(SimulatedFault.Busy);
        Assert.True((await machine.ReadAsync(vf)).Link!.IsUp);
        _ = (await machine.Node.ReleaseAsync((await machine.Node.PlanReleaseAsync(vf, force: true)).Value)).Value;
        Assert.True(machine.Row(vf).IsWarm);
        Rule(machine, $"prewarm: {wanted}");
        _ = (await reconciler.PassAsync()).Value;
        LinkInfo link = (await machine.ReadAsync(vf)).Link!;
        Assert.Equal((wanted == 1, wanted == 1), (machine.Row(vf).IsReady, link.IsUp));
        Assert.Equal(wanted == 1 ? "8" : "0", Read(machine, $"{Ipv4}/{link.Name}/arp_ignore"));
        Assert.False(machine.Row(vf).Clean!.IsUp);
    }

    [Fact]
    public async Task AVfThatCouldNotBeMadeReadyIsLeftForFiveMinutesAndAnotherTakesItsPlace()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(vfs: 2);
        Rule(machine, "prewarm: 2");
        StandingTime time = new();
        using LocalNode agent = machine.Start(options: machine.Options with { Time = time });
        Reconciler reconciler = new(agent);
        VirtualFunction bad = await machine.ReadAsync(machine.Vf(0)), good = await machine.ReadAsync(machine.Vf(1));
        _ = machine.Kernel.Machine.Faults.Arm($"busy@{bad.Label}*1").Value;
        PrewarmReport first = await ReportAsync(TimeSpan.Zero);
        Assert.Equal((good.Label, 1), (Assert.Single(first.Warmed), first.Faults.Count));
        PrewarmReport waits = await ReportAsync(TimeSpan.FromSeconds(299));
        Assert.Equal((0, 1), (waits.Warmed.Count, waits.Faults.Count));
        PrewarmReport again = await ReportAsync(TimeSpan.FromSeconds(1));
        Assert.Equal((bad.Label, 0), (Assert.Single(again.Warmed), again.Faults.Count));

        async Task<PrewarmReport> ReportAsync(TimeSpan later)
        {
            time.Advance(later);
            return (await reconciler.PassAsync()).Value.Prewarm!;
        }
    }

    [Fact]
    public async Task AVfThatHasNoInterfaceIsReadyOnItsDriver()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync(driver: "vfio-pci");
        Rule(machine, "prewarm: 1");
        Reconciler reconciler = new(machine.Node);
        string ready = Assert.Single((await reconciler.PassAsync()).Value.Prewarm!.Warmed);
        Assert.Equal("vfio-pci", (await machine.ReadAsync(ready)).Driver);
        Assert.True((await reconciler.PassAsync()).Value.IsQuiet);
    }

    [Fact]
    public async Task FramesThatAReadyVfReceivesAreNoUse()
    {
        using NodeMachine machine = await NodeMachine.CreateAsync();
        Rule(machine, "prewarm: 3");
        _ = (await new Reconciler(machine.Node).PassAsync()).Value;
        Assert.All((await machine.Node.Host.ListVfsAsync(machine.Pf)).Value, vf => Assert.True(vf.Link!.IsUp));
        // Ready VFs do not stand in the way of a change of their number.
        NodePolicies policies = new(machine.Node);
        string text = Plans.PolicyMachine.Policy("more", machine.Pf, 4);
        PolicyChange change = (await policies.PlanAsync(DocumentUpdate.Of([("a.yaml", text)], policies.Applied().Value))).Value;
        Assert.Equal([machine.Pf], (await policies.ApplyAsync(change, new PlanOptions())).Value);
        Assert.All(machine.Node.Ledger.Read(view => view.Vfs()).Value, row => Assert.Equal((VfState.Free, false), (row.State, row.IsWarm)));
    }

    private static async Task<PoolStatus> StatusAsync(NodeMachine machine)
    {
        Census.NodeReading reading = (await machine.Node.Census.TakeAsync()).Value;
        return PoolStatus.Of(reading.Pools, reading.Standings()).Single(status => status.Pool == machine.Pf);
    }

    private static async Task<IReadOnlyList<AddressInfo>> AddressesAsync(NodeMachine machine)
    {
        using RouteClient route = RouteClient.Open(machine.Kernel).Value;
        return (await route.ListAddressesAsync()).Value;
    }

    private static string Read(NodeMachine machine, string path) => machine.Kernel.Files.ReadText(path).Value;

    private static void Rule(NodeMachine machine, string rule) =>
        _ = machine.Node.Ledger.Change(LedgerStep.Documents, change => change.PutDocument("PoolPolicy", "warm",
            "apiVersion: vfleet.dev/v1alpha1\nkind: PoolPolicy\nmetadata: {name: warm}\n"
            + $"spec:\n  resourceName: {machine.Pf}\n  {rule}\n")).Value;
}
