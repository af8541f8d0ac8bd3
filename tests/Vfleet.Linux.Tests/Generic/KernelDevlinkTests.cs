using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Real;

namespace Vfleet.Linux.Tests.Generic;

/// <summary>On a device of netdevsim with two VFs; the module is in the lab's guest.</summary>
[Collection("netdevsim")]
public sealed class KernelDevlinkTests : IDisposable
{
    private const string Bus = "/sys/bus/netdevsim";
    private const string Number = "77";
    private static readonly DevlinkHandle Device = new("netdevsim", "netdevsim" + Number);
    private readonly LinuxKernel _kernel = new();

    public KernelDevlinkTests()
    {
        if (_kernel.Files.Exists($"{Bus}/new_device"))
            Expect.Done(_kernel.Files.WriteText($"{Bus}/new_device", $"{Number} 1 4"));
    }

    public void Dispose()
    {
        if (_kernel.Files.Exists($"{Bus}/del_device"))
            Expect.Done(_kernel.Files.WriteText($"{Bus}/del_device", Number));
    }

    [KernelFact(Bus)]
    public async Task Device_is_listed_and_tells_its_driver()
    {
        using DevlinkClient client = Expect.Value(DevlinkClient.Open(_kernel));
        Assert.Contains(new DevlinkDevice(Device, false), Expect.Value(await client.ListDevicesAsync()));
        Assert.Equal("netdevsim", Expect.Value(await client.GetInfoAsync(Device)).Driver);
        Assert.Contains(Expect.Value(await client.ListInfoAsync()), info => info.Handle == Device);
        Assert.Equal(FaultKind.NotFound, Expect.Fault(await client.GetInfoAsync(new DevlinkHandle("netdevsim", "none"))).Kind);
    }

    [KernelFact(Bus)]
    public async Task Switchdev_brings_ports_of_vfs_whose_rates_can_be_set()
    {
        using DevlinkClient client = Expect.Value(DevlinkClient.Open(_kernel));
        Assert.Equal(EswitchMode.Legacy, Expect.Value(await client.GetEswitchAsync(Device)).Mode);
        Expect.Done(_kernel.Files.WriteText($"{Bus}/devices/{Device.Device}/sriov_numvfs", "2"));
        Expect.Done(await client.SetEswitchAsync(Device, new EswitchChange { Mode = EswitchMode.Switchdev }));
        Assert.Equal(EswitchMode.Switchdev, Expect.Value(await client.GetEswitchAsync(Device)).Mode);

        List<DevlinkPort> vfs = Expect.Value(await client.ListPortsAsync()).FindAll(port => port.Handle.Device == Device && port.Flavour == PortFlavour.PciVf);
        Assert.Equal([0, 1], vfs.Select(port => (int)port.VfNumber!.Value).Order());
        Assert.Equal(vfs[0], Expect.Value(await client.GetPortAsync(vfs[0].Handle)));

        RateHandle leaf = RateHandle.OfLeaf(vfs[0].Handle);
        Expect.Done(await client.AddRateNodeAsync(Device, "gold"));
        Expect.Done(await client.SetRateAsync(leaf, new RateChange { TxMax = 125_000_000, TxShare = 1_250_000, Parent = "gold" }));
        DevlinkRate rate = Expect.Value(await client.ListRatesAsync()).Single(rate => rate.Handle == leaf);
        Assert.Equal((125_000_000ul, 1_250_000ul, "gold"), (rate.TxMax, rate.TxShare, rate.Parent));
        Assert.Equal(Errno.EBUSY, Expect.Fault(await client.DeleteRateNodeAsync(Device, "gold")).Errno);
        Expect.Done(await client.SetRateAsync(leaf, new RateChange { Parent = "" }));
        Expect.Done(await client.DeleteRateNodeAsync(Device, "gold"));
    }

    [KernelFact(Bus)]
    public async Task Health_reporters_are_listed_diagnosed_and_recovered()
    {
        using DevlinkClient client = Expect.Value(DevlinkClient.Open(_kernel));
        Assert.Contains(Expect.Value(await client.ListHealthReportersAsync()), reporter => reporter is { Name: "dummy", Healthy: true } && reporter.Device == Device);
        Diagnosis tree = Expect.Value(await client.DiagnoseAsync(Device, "dummy"));
        Assert.Contains("test_bool: true", tree.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(tree.Children.Single(child => child.Name == "test_nest").Children);
        Expect.Done(await client.RecoverAsync(Device, "empty"));
    }

    [KernelFact(Bus)]
    public async Task Parameters_are_listed_and_set_and_a_reload_takes_them()
    {
        using DevlinkClient client = Expect.Value(DevlinkClient.Open(_kernel));
        Assert.Contains(Expect.Value(await client.ListParametersAsync()), parameter => parameter is { Name: "test1", IsGeneric: false } && parameter.Device == Device);
        Expect.Done(await client.SetParameterAsync(Device, "max_macs", "64", ParameterMode.DriverInit));
        Expect.Done(await client.SetParameterAsync(Device, "test1", "false", ParameterMode.DriverInit));
        Assert.True(Expect.Value(await client.ReloadAsync(Device, ReloadAction.DriverReinit)).DriverReinitialized);
        Assert.Equal([new ParameterValue(ParameterMode.DriverInit, "64")], Expect.Value(await client.GetParameterAsync(Device, "max_macs")).Values);
        Assert.Equal("false", Expect.Value(await client.GetParameterAsync(Device, "test1")).Values[0].Value);
    }

    [KernelFact(Bus, "/lib/firmware/vfleet-test.bin")]
    public async Task Flash_tells_its_progress()
    {
        using DevlinkClient client = Expect.Value(DevlinkClient.Open(_kernel));
        Reports reports = new();
        Expect.Done(await client.FlashAsync(Device, new FlashRequest { File = "vfleet-test.bin" }, reports));
        Assert.Contains(reports.Seen, report => report.Total > 0 && report.Done == report.Total);
        Assert.True(reports.Seen[^1].IsEnd);
    }

    private sealed class Reports : IProgress<FlashProgress>
    {
        public List<FlashProgress> Seen { get; } = [];

        public void Report(FlashProgress value) => Seen.Add(value);
    }
}
