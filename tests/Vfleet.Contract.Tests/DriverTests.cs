using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Contract.Tests;

public sealed class DriverTests : IgbContract
{
    [ContractFact]
    public void An_override_and_a_probe_bind_vfio_although_autoprobe_is_off()
    {
        CreateVfs(1);
        Bind(0, "vfio-pci");
        Assert.Equal("vfio-pci", Drivers.Override(Vf(0)).Value);
        Assert.Contains(Vf(0), Drivers.FunctionsOf("vfio-pci").Value);
        Assert.Equal("vfio-pci", new PciBus(Files).Read(Vf(0)).Value.Driver);
    }

    [ContractFact]
    public void Without_an_override_autoprobe_off_keeps_every_driver_away()
    {
        Answer.Done(Kernel.LoadModule("igbvf"));
        CreateVfs(1);
        Answer.Done(Drivers.Probe(Vf(0)));
        Assert.Null(Drivers.Of(Vf(0)).Value);
        Answer.Is(Errno.ENODEV, Drivers.Bind(Vf(0), "igbvf"));
    }

    [ContractFact]
    public void With_autoprobe_on_again_a_driver_is_bound_by_name()
    {
        Answer.Done(Kernel.LoadModule("igbvf"));
        CreateVfs(1);
        Answer.Done(WritePf("sriov_drivers_autoprobe", "1"));
        Assert.Null(Drivers.Of(Vf(0)).Value);
        Answer.Done(Drivers.Bind(Vf(0), "igbvf"));
        Assert.Equal("igbvf", Drivers.Of(Vf(0)).Value);
        Answer.Is(Errno.EBUSY, Drivers.Bind(Vf(0), "igbvf"));
    }

    [ContractFact]
    public void An_override_keeps_other_drivers_away()
    {
        Answer.Done(Kernel.LoadModule("igbvf"));
        CreateVfs(1);
        Answer.Done(Drivers.SetOverride(Vf(0), "vfio-pci"));
        Answer.Is(Errno.ENODEV, Drivers.Bind(Vf(0), "igbvf"));
        Answer.Done(Drivers.SetOverride(Vf(0), "no-such-driver"));
        Answer.Done(Drivers.Probe(Vf(0)));
        Assert.Null(Drivers.Of(Vf(0)).Value);
        Answer.Done(Drivers.ClearOverride(Vf(0)));
        Assert.Equal("(null)", Files.ReadText($"{Vf(0).SysfsPath}/driver_override").Value);
        Assert.Null(Drivers.Override(Vf(0)).Value);
    }

    [ContractFact]
    public void An_override_that_is_written_does_not_take_the_driver_off()
    {
        CreateVfs(1);
        Bind(0, "vfio-pci");
        Answer.Done(Drivers.ClearOverride(Vf(0)));
        Assert.Equal("vfio-pci", Drivers.Of(Vf(0)).Value);
    }

    [ContractFact]
    public void A_driver_lets_go_of_what_it_holds_and_of_nothing_else()
    {
        CreateVfs(2);
        Bind(0, "vfio-pci");
        Answer.Is(Errno.ENODEV, Files.WriteText("/sys/bus/pci/drivers/vfio-pci/unbind", Vf(1).ToString()));
        Answer.Is(Errno.ENODEV, Files.WriteText("/sys/bus/pci/drivers/vfio-pci/unbind", "0000:ff:1f.7"));
        Answer.Done(Drivers.Unbind(Vf(0)));
        Assert.Null(Drivers.Of(Vf(0)).Value);
        Answer.Done(Drivers.Unbind(Vf(0)));
    }

    [ContractFact]
    public void A_function_that_is_not_there_cannot_be_probed_or_bound()
    {
        Answer.Done(Kernel.LoadModule("vfio-pci"));
        PciAddress nowhere = new(0, 0xffff);
        Answer.Is(Errno.ENODEV, Drivers.Probe(nowhere));
        Answer.Is(Errno.ENODEV, Drivers.Bind(nowhere, "vfio-pci"));
        Answer.Is(FaultKind.NotFound, Drivers.Of(nowhere));
        Answer.Is(Errno.ENOENT, Drivers.Bind(Pf, "no-such-driver"));
    }

    [ContractFact]
    public async Task A_native_driver_makes_an_interface_that_names_its_device()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        Assert.Equal((Vf(0).ToString(), "pci"), (link.ParentDevice, link.ParentBus));
        Assert.False(link.IsUp);
        Assert.False(link.Mac!.Value.IsZero || link.Mac.Value.IsMulticast);
        Assert.Equal([link.Name], new PciBus(Files).NetworkInterfaces(Vf(0)).Value);
        Assert.Equal(Vf(0).ToString(), Path.GetFileName(Files.ReadLink($"/sys/class/net/{link.Name}/device").Value));
    }

    [ContractFact]
    public async Task Taking_the_driver_off_takes_the_interface_along()
    {
        LinkInfo link = (await CreateNativeAsync(1))[0];
        Answer.Done(Drivers.Unbind(Vf(0)));
        Assert.Null(await FindLinkAsync(Vf(0)));
        Assert.False(Files.Exists($"/sys/class/net/{link.Name}"));
        Assert.Empty(new PciBus(Files).NetworkInterfaces(Vf(0)).Value);
    }

    [ContractFact]
    public async Task An_interface_has_a_carrier_when_port_and_interface_are_up()
    {
        CreateVfs(1);
        await CarrierAsync();
        Bind(0, "igbvf");
        Answer.Done(await ChangeLinkAsync(await VfLinkAsync(0), new LinkChange { Up = true }));
        await Eventually.IsAsync("the VF's carrier", async () => await FindLinkAsync(Vf(0)) is { HasCarrier: true });
    }

    [ContractFact]
    public async Task A_function_is_reset_through_its_file()
    {
        CreateVfs(1);
        Assert.Contains("flr", Files.ReadText($"{Vf(0).SysfsPath}/reset_method").Value, StringComparison.Ordinal);
        Answer.Done(Files.WriteText($"{Vf(0).SysfsPath}/reset", "1"));
        Answer.Is(Errno.EINVAL, Files.WriteText($"{Vf(0).SysfsPath}/reset", "0"));
        Answer.Is(Errno.EINVAL, Files.WriteText($"{Vf(0).SysfsPath}/reset", "x"));
        Assert.True((await new PciResets(Kernel, TimeProvider.System).ResetAsync(Vf(0))).Outcome.Succeeded);
    }

    [ContractFact]
    public void A_module_that_does_not_exist_is_said_to_be_missing()
    {
        Assert.False(Kernel.LoadModule("no_such_module").Succeeded);
        Answer.Done(Kernel.LoadModule("igbvf"));
        Answer.Done(Kernel.LoadModule("igbvf"));
    }
}
