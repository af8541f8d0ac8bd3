using Vfleet.Host.Preflight;
using Vfleet.Linux.Route;
using Vfleet.Linux;
using Vfleet.Simulation;

namespace Vfleet.Host.Tests.Preflight;

public sealed class UnitPfChecksTests
{
    private const string NoWindow = "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";

    [Fact]
    public async Task SriovThatIsOffInTheFirmwareIsToldApartFromNone()
    {
        using PreflightMachine machine = new(new SimulationOptions { TotalVfs = 0 });
        PreflightFinding off = await machine.FindAsync("sriov-capability");
        Assert.Equal((FindingLevel.Blocked, PreflightMachine.Pf), (off.Level, off.Subject));
        Assert.Contains("TotalVFs is 0: SR-IOV is off in the device's firmware", off.Cause, StringComparison.Ordinal);
        // Cut the SR-IOV capability out of the list: its predecessor, ARI at 0x150, ends it.
        machine.Patch(PreflightMachine.Pf, (0x152, 0x0001));
        PreflightFinding none = await machine.FindAsync("sriov-capability");
        Assert.Contains("no SR-IOV capability", none.Cause, StringComparison.Ordinal);
        IReadOnlyList<PreflightFinding> all = await machine.CheckAsync(null);
        Assert.Contains(all, finding => finding is { Subject: "machine", Check: "sriov-devices", Level: FindingLevel.Blocked });
        Assert.Contains(all, finding => finding is { Subject: PreflightMachine.Pf, Check: "sriov-capability", Level: FindingLevel.Warning });
    }

    [Fact]
    public async Task ANamedInterfaceThatIsNoPfGetsItsCause()
    {
        using PreflightMachine machine = new();
        await machine.CreateVfsAsync(1);
        Assert.Contains("it is a VF itself", (await machine.FindAsync("sriov-capability", "0000:01:10.0")).Cause, StringComparison.Ordinal);
        PreflightFinding loopback = await machine.FindAsync("sriov-capability", "lo");
        Assert.Equal(("lo cannot have VFs", FindingLevel.Blocked), (loopback.Summary, loopback.Level));
        Fault unknown = (await new PreflightReader(machine.Kernel, machine.Options).CheckAsync("eth99")).Fault!;
        Assert.Equal(FaultKind.NotFound, unknown.Kind);
        Assert.Equal(FaultKind.NotFound, (await new PreflightReader(machine.Kernel, machine.Options).CheckAsync("0000:99:00.0")).Fault!.Kind);
        Assert.Equal(FaultKind.Usage, (await new PreflightReader(machine.Kernel, machine.Options).CheckAsync("0000:1:0")).Fault!.Kind);
    }

    [Fact]
    public async Task ADriverThatAllowsNoVfsIsToldApartFromTheFirmware()
    {
        using PreflightMachine machine = new();
        machine.Files.Set(PreflightMachine.Attribute("sriov_totalvfs"), "0\n");
        PreflightFinding finding = await machine.FindAsync("sriov-capability");
        Assert.Equal("the device has room for 8, and its driver igb allows 0", finding.Cause);
    }

    [Fact]
    public async Task LinkDownNoCarrierAndAutoprobeAreWarnings()
    {
        using PreflightMachine machine = new(new SimulationOptions { LinksUp = false });
        Assert.Contains("is down", (await machine.FindAsync("link")).Summary, StringComparison.Ordinal);
        Assert.Equal(FindingLevel.Warning, (await machine.FindAsync("autoprobe")).Level);
        machine.Files.Set(PreflightMachine.Attribute("sriov_drivers_autoprobe"), "0\n");
        Assert.Equal(FindingLevel.Ok, (await machine.FindAsync("autoprobe")).Level);
        using PreflightMachine pulled = new();
        pulled.Simulated.Machine.SetCable(new PciAddress(0, 0x0100), plugged: false);
        Assert.Contains("no carrier", (await pulled.FindAsync("link")).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APfWithoutDriverOrWithVfioIsTold()
    {
        using PreflightMachine machine = new();
        string folder = "/sys/bus/pci/drivers";
        machine.Files.Set(PreflightMachine.Attribute("uevent"), $"PCI_CLASS=20000\nPCI_ID=8086:10C9\nPCI_SLOT_NAME={PreflightMachine.Pf}\n");
        Assert.Equal(FindingLevel.Blocked, (await machine.FindAsync("pf-driver")).Level);
        machine.Files.Set(PreflightMachine.Attribute("uevent"), $"DRIVER=vfio-pci\nPCI_CLASS=20000\nPCI_ID=8086:10C9\nPCI_SLOT_NAME={PreflightMachine.Pf}\n");
        Assert.Contains("vfio-pci", (await machine.FindAsync("pf-driver")).Summary, StringComparison.Ordinal);
        Assert.True(machine.Kernel.Files.Exists(folder));
    }

    [Theory]
    [InlineData("0x0000000000000000 0x000000000001ffff 0x0000000020140204\n", "VF BAR 0")]
    [InlineData("0x0000000000000000 0x000000000001ffff 0x0000000000140204\n", "VF BAR 0")]
    [InlineData(NoWindow, "no VF BAR")]
    public async Task VfBarsWithoutAddressesAskForRealloc(string window, string cause)
    {
        using PreflightMachine machine = new();
        machine.Files.Set(PreflightMachine.Attribute("resource"), string.Concat(Enumerable.Repeat(NoWindow, 7)) + window);
        PreflightFinding finding = await machine.FindAsync("address-space");
        Assert.Equal(FindingLevel.Blocked, finding.Level);
        Assert.Contains(cause, finding.Cause, StringComparison.Ordinal);
        Assert.Contains("pci=realloc", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AVfBarTheKernelForgotIsFoundByItsRegister()
    {
        using PreflightMachine machine = new();
        // VF BAR 3 reads as 64-bit memory without an address; the file has VF BAR 0 only.
        machine.Patch(PreflightMachine.Pf, (0x184, 0x000c), (0x186, 0xfe80), (0x190, 0x000c), (0x192, 0));
        machine.Files.Set(PreflightMachine.Attribute("resource"), string.Concat(Enumerable.Repeat(NoWindow, 7)) + "0x00000000fe800000 0x00000000fe81ffff 0x0000000000140204\n");
        Assert.Contains("VF BAR 3", (await machine.FindAsync("address-space")).Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1, 4, FindingLevel.Ok)]
    [InlineData(256, 1, 0, FindingLevel.Blocked)]
    [InlineData(250, 2, 3, FindingLevel.Warning)]
    public async Task BusNumbersBelowTheBridgeLimitTheVfs(int offset, int stride, int fits, FindingLevel level)
    {
        using PreflightMachine machine = new();
        machine.Patch(machine.Bridge(), (0x18, 0x0100), (0x1a, 0x0001));
        machine.Files.Set(PreflightMachine.Attribute("sriov_offset"), $"{offset}\n");
        machine.Files.Set(PreflightMachine.Attribute("sriov_stride"), $"{stride}\n");
        PreflightFinding finding = await machine.FindAsync("bus-numbers");
        Assert.Equal(level, finding.Level);
        if (level == FindingLevel.Ok)
            return;
        Assert.Contains($"bus numbers for {fits} of 7 VFs", finding.Summary, StringComparison.Ordinal);
        Assert.Contains("pci=assign-busses", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutAriTheVfsOnThePfsOwnBusAreLost()
    {
        using PreflightMachine machine = new();
        Assert.Equal(FindingLevel.Ok, (await machine.FindAsync("ari")).Level);
        // PCI Express capability at 0xa0: device capabilities 2 at 0xc4, device control 2 at 0xc8.
        machine.Patch(machine.Bridge(), (0xc4, 0x20), (0xc8, 0));
        PreflightFinding off = await machine.FindAsync("ari");
        Assert.Contains("7 of 7 VFs", off.Summary, StringComparison.Ordinal);
        Assert.Contains("can forward ARI and does not", off.Cause, StringComparison.Ordinal);
        machine.Patch(machine.Bridge(), (0xc4, 0), (0xc8, 0));
        Assert.Contains("cannot forward ARI", (await machine.FindAsync("ari")).Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, "6 MSI-X vectors for up to 7 VFs")]
    [InlineData(8, "all 8 MSI-X vectors")]
    public async Task TooFewVectorsAreTold(int total, string summary)
    {
        using PreflightMachine machine = new();
        await machine.CreateVfsAsync(3);
        machine.Files.Set(PreflightMachine.Attribute("sriov_vf_total_msix"), $"{total}\n");
        PreflightFinding finding = await machine.FindAsync("msix");
        Assert.Equal(FindingLevel.Warning, finding.Level);
        Assert.Contains(summary, finding.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASharedGroupNamesItsMembersAndTheBridgeWithoutAcs()
    {
        using PreflightMachine machine = new();
        await machine.CreateVfsAsync(2);
        Assert.Equal("every VF has a group of its own", (await machine.FindAsync("iommu-group")).Summary);
        int group = new Linux.Pci.Iommu(machine.Kernel.Files).NumberOf(new PciAddress(0, 0x0180)).Value;
        machine.Files.SetList($"/sys/kernel/iommu_groups/{group}/devices", "0000:01:00.0", "0000:01:10.0", machine.Bridge());
        // The bridge's ACS control register.
        machine.Patch(machine.Bridge(), (0x1c6, 0));
        PreflightFinding finding = await machine.FindAsync("iommu-group");
        Assert.Equal(("0000:01:10.0", FindingLevel.Blocked), (finding.Subject, finding.Level));
        Assert.Contains("0000:01:00.0 (igb)", finding.Summary, StringComparison.Ordinal);
        Assert.Contains(machine.Bridge(), finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADefaultRouteAndVfsWithoutDriverAreWarnings()
    {
        using PreflightMachine machine = new();
        await machine.CreateVfsAsync(3, "none");
        PreflightFinding bare = await machine.FindAsync("vf-drivers");
        Assert.StartsWith("3 of 3 VFs", bare.Summary, StringComparison.Ordinal);
        Assert.Equal("none", (await machine.FindAsync("default-route")).Summary);
        machine.Simulated.Machine.AddDefaultRoute(bare.Subject);
        PreflightFinding route = await machine.FindAsync("default-route");
        Assert.Equal((FindingLevel.Warning, bare.Subject), (route.Level, route.Subject));
    }

    [Fact]
    public async Task ChecksChangeNothing()
    {
        using PreflightMachine machine = new();
        await machine.CreateVfsAsync(2);
        string before = await StateAsync(machine);
        _ = await machine.CheckAsync(null);
        Assert.Equal(before, await StateAsync(machine));
    }

    private static async Task<string> StateAsync(PreflightMachine machine)
    {
        using RouteClient route = RouteClient.Open(machine.Kernel).Value;
        List<LinkInfo> links = (await route.ListLinksAsync(VfDetail.Settings)).Value;
        return string.Join('\n', links.Select(link => $"{link with { AlternativeNames = [], Vfs = [] }} {string.Join(';', link.Vfs)}"));
    }
}
