using System.Globalization;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Contract.Tests;

/// <summary>A case about the first igb port: before it and after it there are no VFs and no namespaces, and the port is up.</summary>
public abstract class IgbContract : IAsyncLifetime
{
    protected const string Blue = "contract-blue", Red = "contract-red";

    protected IKernel Kernel { get; } = ContractKernel.Igb();

    protected IFileTree Files => Kernel.Files;

    protected PciAddress Pf { get; private set; }

    protected LinkInfo PfLink { get; private set; } = null!;

    protected PciDrivers Drivers => new(Kernel.Files);

    /// <summary>Where VF <paramref name="index"/> is, by offset and stride.</summary>
    protected PciAddress Vf(int index) => Pf.VirtualFunction(index, 128, 2)!.Value;

    protected string PfFile(string name) => $"{Pf.SysfsPath}/{name}";

    public async Task InitializeAsync()
    {
        Pf = Drivers.FunctionsOf("igb").Value[0];
        await CleanAsync();
        LinkInfo link = await FindLinkAsync(Pf) ?? throw new InvalidOperationException($"{Pf} has no interface");
        Answer.Done(await ChangeLinkAsync(link, new LinkChange { Up = true }));
        PfLink = (await FindLinkAsync(Pf))!;
    }

    public Task DisposeAsync() => CleanAsync();

    /// <summary>Equivalent to <c>echo TEXT &gt; FILE</c> in the PF's directory.</summary>
    protected Outcome<Unit> WritePf(string name, string text) => Files.WriteText(PfFile(name), text);

    /// <summary>Makes VFs without drivers.</summary>
    protected void CreateVfs(int count)
    {
        Answer.Done(WritePf("sriov_drivers_autoprobe", "0"));
        Answer.Done(WritePf("sriov_numvfs", count.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Binds through driver_override and drivers_probe.</summary>
    protected void Bind(int index, string driver)
    {
        Answer.Done(Kernel.LoadModule(driver));
        Answer.Done(Drivers.SetOverride(Vf(index), driver));
        Answer.Done(Drivers.Probe(Vf(index)));
        Assert.Equal(driver, Drivers.Of(Vf(index)).Value);
    }

    /// <summary>Waits for the port's carrier, which igb drops for a second when VFs come or go.</summary>
    protected Task CarrierAsync() => Eventually.IsAsync("the port's carrier", async () => await FindLinkAsync(Pf) is { HasCarrier: true });

    /// <summary>Makes VFs and binds them natively.</summary>
    protected async Task<LinkInfo[]> CreateNativeAsync(int count)
    {
        CreateVfs(count);
        List<LinkInfo> links = [];
        for (int index = 0; index < count; index++)
        {
            Bind(index, "igbvf");
            links.Add(await VfLinkAsync(index));
        }
        return [.. links];
    }

    /// <summary>The VF's interface in the host's namespace.</summary>
    protected Task<LinkInfo> VfLinkAsync(int index) => Eventually.GetAsync($"the interface of VF {index}", () => FindLinkAsync(Vf(index)));

    protected async Task<LinkInfo?> FindLinkAsync(PciAddress device, NetworkNamespace? within = null)
    {
        using RouteClient route = RouteClient.Open(Kernel, within).Value;
        return (await route.ListLinksAsync()).Value.Find(link => link.ParentDevice == device.ToString());
    }

    protected async Task<Outcome<Unit>> ChangeLinkAsync(LinkInfo link, LinkChange change, NetworkNamespace? within = null)
    {
        using RouteClient route = RouteClient.Open(Kernel, within).Value;
        return await route.ChangeLinkAsync(link.Index, link.Name, change);
    }

    /// <summary>Equivalent to <c>ip link set PF vf N …</c>.</summary>
    protected async Task<Outcome<Unit>> ChangeVfAsync(VfChange change)
    {
        using RouteClient route = RouteClient.Open(Kernel).Value;
        return await route.ChangeVfsAsync(PfLink.Index, PfLink.Name, [change]);
    }

    protected async Task<IReadOnlyList<VfInfo>> ReadVfsAsync(VfDetail detail = VfDetail.Settings)
    {
        using RouteClient route = RouteClient.Open(Kernel).Value;
        return (await route.GetLinkAsync(PfLink.Index, detail)).Value.Vfs;
    }

    private async Task CleanAsync()
    {
        _ = Kernel.DeleteNamespace(Blue);
        _ = Kernel.DeleteNamespace(Red);
        Answer.Done(WritePf("sriov_numvfs", "0"));
        Answer.Done(WritePf("sriov_drivers_autoprobe", "1"));
        await Eventually.IsAsync("no VFs", () => Task.FromResult(Files.ReadText(PfFile("sriov_numvfs")).Or(null) == "0"));
    }
}
