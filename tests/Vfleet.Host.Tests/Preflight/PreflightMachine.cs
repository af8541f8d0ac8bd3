using System.Buffers.Binary;
using Vfleet.Host.Create;
using Vfleet.Host.Preflight;
using Vfleet.Linux;
using Vfleet.Simulation;

namespace Vfleet.Host.Tests.Preflight;

/// <summary>A simulated igb machine that is fine, with files to put over its own.</summary>
internal sealed class PreflightMachine : IDisposable
{
    public const string Pf = "0000:01:00.0";
    private readonly string _state = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    public PreflightMachine(SimulationOptions? options = null)
    {
        Simulated = SimulationProfiles.Create("igb", options ?? new SimulationOptions { LinksUp = true }).Value;
        Kernel = new OverlayKernel(Simulated);
        Options = new HostOptions { StateDirectory = _state, CarrierDeadline = TimeSpan.FromMilliseconds(100) };
        Files.Set("/sys/firmware/acpi/tables/DMAR", "");
        Files.SetList("/sys/firmware/acpi/tables", "DMAR", "FACP");
        Files.Set("/lib/modules/6.12.95+deb12-amd64/modules.dep",
            "kernel/drivers/net/ethernet/intel/igbvf/igbvf.ko.xz:\nkernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/drivers/vfio/vfio.ko.xz\nkernel/drivers/vfio/vfio_iommu_type1.ko.xz:\n");
    }

    public SimulatedKernel Simulated { get; }

    public OverlayKernel Kernel { get; }

    public OverlayTree Files => Kernel.Overlay;

    public HostOptions Options { get; }

    public async Task<IReadOnlyList<PreflightFinding>> CheckAsync(string? pf = Pf) =>
        (await new PreflightReader(Kernel, Options).CheckAsync(pf)).Value;

    /// <summary>The only finding of a check.</summary>
    public async Task<PreflightFinding> FindAsync(string check, string? pf = Pf) =>
        Assert.Single(await CheckAsync(pf), finding => finding.Check == check);

    public async Task CreateVfsAsync(int count, string driver = "native")
    {
        VfCreator creator = new(Kernel, Options);
        CreatePlan plan = (await creator.PlanAsync(Pf, count, driver, force: false)).Value;
        _ = (await creator.ApplyAsync(plan, force: false)).Value;
    }

    /// <summary>The device's configuration space with some of its 16-bit registers changed.</summary>
    public void Patch(string device, params (int At, int Value)[] registers)
    {
        byte[] config = new byte[4096];
        int length = Kernel.Files.ReadBytes($"/sys/bus/pci/devices/{device}/config", config).Value;
        foreach ((int at, int value) in registers)
            BinaryPrimitives.WriteUInt16LittleEndian(config.AsSpan(at), (ushort)value);
        Files.Set($"/sys/bus/pci/devices/{device}/config", config[..length]);
    }

    /// <summary>The bridge right above the PF.</summary>
    public string Bridge() => new Linux.Pci.AcsPath(Simulated.Files).BridgesAbove(new PciAddress(0, 0x0100)).Value[0].ToString();

    public static string Attribute(string name) => $"/sys/bus/pci/devices/{Pf}/{name}";

    public void Dispose() => Directory.Delete(_state, recursive: true);
}
