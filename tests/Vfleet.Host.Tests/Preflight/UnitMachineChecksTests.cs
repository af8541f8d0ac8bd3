using Vfleet.Host.Preflight;
using Vfleet.Simulation;

namespace Vfleet.Host.Tests.Preflight;

public sealed class UnitMachineChecksTests
{
    private const string Status = "/proc/self/status";

    [Fact]
    public async Task AMachineThatIsFineHasNothingBlocked()
    {
        using PreflightMachine machine = new();
        await machine.CreateVfsAsync(2);
        IReadOnlyList<PreflightFinding> findings = await machine.CheckAsync(null);
        Assert.DoesNotContain(findings, finding => finding.Level == FindingLevel.Blocked);
        Assert.All(findings, finding => Assert.True(finding.Level == FindingLevel.Ok || finding.Remedy is not null, finding.ToString()));
        Assert.Equal(["privileges", "kernel-lockdown", "iommu", "module-vfio-pci", "module-vfio-iommu-type1"],
            findings.Where(finding => finding.Subject == "machine").Select(finding => finding.Check));
    }

    [Theory]
    [InlineData("Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n", "lacks CAP_NET_ADMIN and CAP_SYS_ADMIN", "user 1000")]
    [InlineData("Uid:\t0\t0\t0\t0\nCapEff:\t0000000000001000\n", "lacks CAP_SYS_ADMIN", "as in a container")]
    [InlineData("Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000201000\n", "may not write the kernel's files", "CAP_DAC_OVERRIDE")]
    public async Task MissingPrivilegesAreNamed(string status, string summary, string cause)
    {
        using PreflightMachine machine = new();
        machine.Files.Set(Status, status);
        PreflightFinding finding = await machine.FindAsync("privileges");
        Assert.Equal(FindingLevel.Blocked, finding.Level);
        Assert.Contains(summary, finding.Summary, StringComparison.Ordinal);
        Assert.Contains(cause, finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RootOfAUserNamespaceIsNotEnough()
    {
        using PreflightMachine machine = new();
        machine.Files.Set("/proc/self/uid_map", "         0     100000      65536\n");
        Assert.Contains("user namespace", (await machine.FindAsync("privileges")).Summary, StringComparison.Ordinal);
        machine.Files.Set("/proc/self/uid_map", "         0          0 4294967295\n");
        Assert.Equal(FindingLevel.Ok, (await machine.FindAsync("privileges")).Level);
    }

    [Fact]
    public async Task AnUnprivilegedSimulationIsBlocked()
    {
        using PreflightMachine machine = new(new SimulationOptions { Privileged = false });
        Assert.Equal(FindingLevel.Blocked, (await machine.FindAsync("privileges")).Level);
    }

    [Theory]
    [InlineData("none [integrity] confidentiality", "(integrity)", false)]
    [InlineData("none integrity [confidentiality]", "(confidentiality)", true)]
    public async Task LockdownSaysWhatItForbids(string text, string mode, bool forbidsTracing)
    {
        using PreflightMachine machine = new();
        machine.Files.Set("/sys/kernel/security/lockdown", text);
        PreflightFinding finding = await machine.FindAsync("kernel-lockdown");
        Assert.Equal(FindingLevel.Warning, finding.Level);
        Assert.Contains(mode, finding.Summary, StringComparison.Ordinal);
        Assert.Equal(forbidsTracing, finding.Summary.Contains("tracing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WithoutAnIommuTheCauseSaysWhetherTheFirmwareHasOne()
    {
        using PreflightMachine machine = new(new SimulationOptions { Iommu = false });
        PreflightFinding off = await machine.FindAsync("iommu");
        Assert.Equal((FindingLevel.Blocked, true), (off.Level, off.Remedy!.Contains("intel_iommu=on", StringComparison.Ordinal)));
        machine.Files.SetList("/sys/firmware/acpi/tables", "FACP");
        PreflightFinding none = await machine.FindAsync("iommu");
        Assert.Contains("no DMAR, IVRS or IORT", none.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("module-vfio-pci", "vfio-pci")]
    [InlineData("module-vfio-iommu-type1", "vfio_iommu_type1")]
    [InlineData("native-driver", "igbvf")]
    public async Task AModuleIsLoadedOrOnDiskOrMissingOrUnknown(string check, string module)
    {
        using PreflightMachine machine = new(new SimulationOptions { Modules = [] });
        const string folder = "/lib/modules/6.12.95+deb12-amd64";
        Assert.Contains("loaded when it is needed", (await machine.FindAsync(check)).Summary, StringComparison.Ordinal);
        machine.Files.Set($"{folder}/modules.dep", "kernel/drivers/net/tun.ko:\n");
        PreflightFinding missing = await machine.FindAsync(check);
        Assert.Equal(FindingLevel.Blocked, missing.Level);
        Assert.Contains($"has no {module}", missing.Cause, StringComparison.Ordinal);
        machine.Files.Set($"{folder}/modules.builtin", $"kernel/drivers/x/{module}.ko\n");
        Assert.Equal(FindingLevel.Ok, (await machine.FindAsync(check)).Level);
        machine.Files.Remove(folder);
        Assert.Equal(FindingLevel.Warning, (await machine.FindAsync(check)).Level);
    }

    [Fact]
    public async Task ALoadedModuleNeedsNoIndex()
    {
        using PreflightMachine machine = new();
        machine.Files.Remove("/lib");
        Assert.Equal("vfio-pci is loaded", (await machine.FindAsync("module-vfio-pci")).Summary);
    }
}
