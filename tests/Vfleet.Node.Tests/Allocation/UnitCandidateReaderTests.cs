using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;
using Vfleet.Simulation;

namespace Vfleet.Node.Tests.Allocation;

public sealed class UnitCandidateReaderTests
{
    private static readonly Dictionary<string, VfStanding> Nothing = [];

    [Fact]
    public async Task VfsHangWhereTheirPfDoes()
    {
        SimulatedKernel kernel = Simulated("igb", 2);
        PlacementInput input = new CandidateReader(kernel.Files).Read(await CatalogAsync(kernel), Nothing).Value;
        Assert.Equal(
            [
                "0000:01:10.0 enp1s0f0/0 in enp1s0f0: node 0, socket 0, pci0000:00/0000:00:01.0",
                "0000:01:10.2 enp1s0f0/1 in enp1s0f0: node 0, socket 0, pci0000:00/0000:00:01.0",
                "0000:02:10.0 enp2s0f0/0 in enp2s0f0: node 1, socket 1, pci0000:00/0000:00:02.0",
                "0000:02:10.2 enp2s0f0/1 in enp2s0f0: node 1, socket 1, pci0000:00/0000:00:02.0",
            ],
            input.Candidates.Select(vf => $"{vf.Vf} {vf.Pf}/{vf.Index} in {vf.Pool}: node {vf.NumaNode}, socket {vf.Socket}, {vf.Root}"));
        Assert.Equal([PlainMachines.Up("enp1s0f0"), PlainMachines.Up("enp2s0f0")], input.Pfs);
        // What is said of a VF's place is what its own link says.
        foreach (Candidate vf in input.Candidates)
            Assert.Equal(PcieRoots.Parse(kernel.Files.ReadLink($"/sys/bus/pci/devices/{vf.Vf}").Value), vf.Root);
    }

    [Fact]
    public async Task ADeviceToBeNearIsPlacedAndOneThatIsNotThereIsNotFound()
    {
        SimulatedKernel kernel = Simulated("igb", 2);
        PoolCatalog catalog = await CatalogAsync(kernel);
        PciAddress there = new(0, 0x0200), gone = new(0, 0x0900);
        PlacementInput input = new CandidateReader(kernel.Files).Read(catalog, Nothing, there).Value;
        Assert.Equal(new NearPlace(new PcieRoot("pci0000:00", "0000:00:02.0"), 1), input.Near);
        Assert.Equal(FaultKind.NotFound, new CandidateReader(kernel.Files).Read(catalog, Nothing, gone).Fault!.Kind);
        AllocationRequest request = new() { Pool = "all", Owner = new Owner { Name = "gpu" } };
        PoolDefinition all = new() { Name = "all", Origin = "policy all", Selectors = [new VfSelector()] };
        PlacementInput pooled = new CandidateReader(kernel.Files).Read(await CatalogAsync(kernel, all), Nothing, there).Value;
        Assert.Equal("0000:02:10.0", Assert.Single(Placement.Choose(request, all.Rules, pooled).Value).Vf);
    }

    [Fact]
    public async Task APfsLoadIsWhatItsVfsHaveInWhateverPool()
    {
        SimulatedKernel kernel = Simulated("ice", 6);
        await GuaranteeAsync(kernel, (1, 300), (2, 50), (3, 70));
        VfSelector selector = new() { RootDevices = [new PfPart("0000:3b:00.0", [new IndexRange(0, 1)])] };
        PoolDefinition some = new() { Name = "some", Origin = "policy some", Selectors = [selector] };
        PoolCatalog catalog = await CatalogAsync(kernel, some);
        Assert.Equal(2, catalog.VfsOf("some").Count());
        string[] vfs = [.. catalog.Members.Take(6).Select(member => member.Vf.Label)];
        VfStanding[] standings =
        [
            new(vfs[0], VfState.Attached) { GuaranteedMbps = 1000 },
            // The driver keeps more for it than the ledger promised.
            new(vfs[1], VfState.Reserved) { GuaranteedMbps = 200 },
            new(vfs[2], VfState.Free) { Stranger = "up" },
            new(vfs[3], VfState.Free),
            new(vfs[4], VfState.Quarantined),
        ];
        PlacementInput input = new CandidateReader(kernel.Files).Read(catalog, standings.ToDictionary(standing => standing.Vf)).Value;
        Assert.Equal((3, 1350L), (input.Pfs[0].HandedOut, input.Pfs[0].GuaranteedMbps));
        Assert.Equal((0, 0L), (input.Pfs[1].HandedOut, input.Pfs[1].GuaranteedMbps));
        Assert.Equal([false, false, false, true, false, true], input.Candidates.Take(6).Select(vf => vf.IsFree));
    }

    [Fact]
    public async Task NothingIsReadForEachVf()
    {
        int few = await CountAsync(2), many = await CountAsync(120);
        Assert.Equal(few, many);
        Assert.InRange(few, 1, 12);
    }

    [Fact]
    public async Task WhatIsUnknownIsNull()
    {
        SimulatedKernel kernel = Simulated("netdevsim", 2);
        Candidate vf = new CandidateReader(kernel.Files).Read(await CatalogAsync(kernel), Nothing).Value.Candidates[0];
        Assert.Equal((null, null, null, null), (vf.NumaNode, vf.Socket, vf.Root, vf.Standing));
    }

    [Theory]
    [InlineData("/sys/devices/system/node/node1/cpulist", "2-7\n")]
    [InlineData("/sys/devices/system/node/node1/cpulist", "\n")]
    [InlineData("/sys/devices/system/node/node1/cpulist", "x\n")]
    [InlineData("/sys/devices/system/node/node1/cpulist", null)]
    [InlineData("/sys/devices/system/cpu/cpu4/topology/physical_package_id", "-1\n")]
    [InlineData("/sys/devices/system/cpu/cpu4/topology/package_cpus_list", null)]
    public void ANodeThatIsNotOfOneSocketHasNone(string path, string? text)
    {
        SimulatedKernel kernel = Simulated("igb", 0);
        Assert.Equal([(0, 0), (1, 1)], Sockets.Read(kernel.Files).Select(node => (node.Key, node.Value)));
        kernel.Machine.SetFile(path, text);
        Assert.Equal([(0, 0)], Sockets.Read(kernel.Files).Select(node => (node.Key, node.Value)));
    }

    [Fact]
    public void ANodeOfSeveralRangesAndAnOlderKernelsTopologyAreUnderstood()
    {
        SimulatedKernel kernel = Simulated("igb", 0);
        kernel.Machine.SetFile("/sys/devices/system/node/node1/cpulist", "4-5,7\n");
        kernel.Machine.SetFile("/sys/devices/system/cpu/cpu4/topology/package_cpus_list", null);
        kernel.Machine.SetFile("/sys/devices/system/cpu/cpu4/topology/core_siblings_list", "4-5,6,7\n");
        Assert.Equal(1, Sockets.Read(kernel.Files)[1]);
    }

    [Theory]
    [InlineData("../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0", "pci0000:00/0000:00:01.0")]
    [InlineData("../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:01.0/0000:03:00.0", "pci0000:00/0000:00:01.0")]
    [InlineData("../../../devices/pci0000:00/0000:00:1f.6", "pci0000:00")]
    [InlineData("../../../devices/platform/40000000.pcie/pci0002:00/0002:00:00.0/0002:01:00.0", "pci0002:00/0002:00:00.0")]
    [InlineData("../../../devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0", "pci10000:e0/10000:e0:06.0")]
    [InlineData("../../../devices/pci0000:00", null)]
    [InlineData("../../../devices/netdevsim1", null)]
    public void TheRootIsReadFromThePath(string path, string? root) => Assert.Equal(root, PcieRoots.Parse(path)?.ToString());

    private static SimulatedKernel Simulated(string profile, int vfs) =>
        SimulationProfiles.Create(profile, new SimulationOptions { InitialVfs = vfs, LinksUp = true }).Value;

    private static async Task<PoolCatalog> CatalogAsync(SimulatedKernel kernel, params PoolDefinition[] definitions)
    {
        InventoryReader reader = new(kernel, new ReadTimer(TimeProvider.System, TimeSpan.FromSeconds(10)));
        return PoolCatalog.Create(definitions, (await reader.ReadAsync()).Value).Value;
    }

    private static async Task<int> CountAsync(int vfs)
    {
        SimulatedKernel kernel = Simulated("nvme", vfs);
        PoolCatalog catalog = await CatalogAsync(kernel);
        CountingFiles files = new(kernel.Files);
        Assert.Equal(vfs, new CandidateReader(files).Read(catalog, Nothing).Value.Candidates.Count);
        return files.Count;
    }

    private static async Task GuaranteeAsync(SimulatedKernel kernel, params (int Vf, uint Mbps)[] rates)
    {
        using RouteClient route = RouteClient.Open(kernel).Value;
        LinkInfo pf = (await route.ListLinksAsync()).Value.First(link => link.ParentBus == "pci");
        VfChange[] changes = [.. rates.Select(rate => new VfChange { Index = rate.Vf, Rate = new VfRate(rate.Mbps, 0) })];
        _ = (await route.ChangeVfsAsync(pf.Index, pf.Name, changes)).Value;
    }
}
