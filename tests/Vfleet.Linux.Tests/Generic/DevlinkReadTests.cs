using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Route;
using Vfleet.Linux.Tests.Netlink;

namespace Vfleet.Linux.Tests.Generic;

public sealed class DevlinkReadTests
{
    private static readonly DevlinkHandle Nic = new("pci", "0000:01:00.0");

    [Fact]
    public async Task Info_keeps_versions_apart_by_kind()
    {
        DevlinkInfo info = Expect.Value(await Client(DevlinkCommand.InfoGet, GenericTemplates.Info()).GetInfoAsync(Nic));
        Assert.Equal((Nic, "ice", "00-01-02", "B1"), (info.Handle, info.Driver, info.SerialNumber, info.BoardSerialNumber));
        Assert.Equal([new("board.id", "K1")], info.Fixed);
        Assert.Equal([new("fw.mgmt", "7.1"), new("fw.undi", "1.2")], info.Running);
        Assert.Equal([new("fw.mgmt", "7.2")], info.Stored);
    }

    [Fact]
    public async Task Eswitch_is_read() =>
        Assert.Equal(new EswitchInfo(Nic, EswitchMode.Switchdev, EswitchInlineMode.Network, true),
            Expect.Value(await Client(DevlinkCommand.EswitchGet, GenericTemplates.Eswitch()).GetEswitchAsync(Nic)));

    [Fact]
    public async Task Port_of_a_vf_has_its_function()
    {
        List<DevlinkPort> ports = Expect.Value(await Client(DevlinkCommand.PortGet, GenericTemplates.Port(), GenericTemplates.Port()).ListPortsAsync());
        Assert.Equal(2, ports.Count);
        DevlinkPort port = ports[0];
        Assert.Equal("pci/0000:01:00.0/65537", port.Handle.ToString());
        Assert.Equal((PortFlavour.PciVf, "eth0_1", 9, (ushort)0, (ushort)3), (port.Flavour!.Value, port.NetdevName, port.NetdevIndex!.Value, port.PfNumber!.Value, port.VfNumber!.Value));
        Assert.Equal(new PortFunction(new MacAddress(0x020000000003), true, false, true, false), port.Function);
        Assert.Same(ports[0].Handle.Device.Device, ports[1].Handle.Device.Device);
    }

    [Fact]
    public async Task Health_reporter_in_error_is_not_healthy()
    {
        HealthReporter reporter = Expect.Value(
            await Client(DevlinkCommand.HealthReporterGet, GenericTemplates.Reporter()).GetHealthReporterAsync(Nic, "fw"));
        Assert.Equal(("fw", false, 3ul, 2ul), (reporter.Name, reporter.Healthy, reporter.Errors, reporter.Recoveries));
        Assert.Equal((60000ul, true), (reporter.GracePeriodMilliseconds!.Value, reporter.AutoRecover!.Value));
        Assert.Null(reporter.AutoDump);
    }

    [Fact]
    public async Task Diagnosis_is_a_tree_of_text()
    {
        DevlinkClient client = Client(DevlinkCommand.HealthReporterDiagnose, GenericTemplates.Formatted(), Datagram.Done(1));
        Diagnosis tree = Expect.Value(await client.DiagnoseAsync(Nic, "tx"));
        Assert.Equal("""
            syndrome: 7
            queues:
              -
                sqn: 0
                stopped: true
              -
                sqn: 1
                stopped: true
            raw: dead

            """, tree.ToString());
    }

    [Theory]
    [InlineData(new[] { DevlinkAttribute.FmsgObjectNestStart, DevlinkAttribute.FmsgNestEnd, DevlinkAttribute.FmsgNestEnd }, true)]
    [InlineData(new[] { DevlinkAttribute.FmsgObjectNestStart, DevlinkAttribute.FmsgPairNestStart, DevlinkAttribute.FmsgNestEnd }, false)]
    public void Diagnosis_bears_a_surplus_end_but_not_a_missing_one(int[] kinds, bool isTree)
    {
        FormattedMessagePart part = new();
        foreach (int kind in kinds)
            part.Items.Add(new FormattedItem((ushort)kind, null));
        Assert.Equal(isTree, Diagnosis.Build([part]) is not null);
    }

    [Theory]
    [InlineData(ParameterType.Byte, new byte[] { 7 }, "7")]
    [InlineData(ParameterType.UInt16, new byte[] { 0, 1 }, "256")]
    [InlineData(ParameterType.UInt32, new byte[] { 8, 0, 0, 0 }, "8")]
    [InlineData(ParameterType.Text, new byte[] { 0x61, 0x62, 0 }, "ab")]
    [InlineData(ParameterType.Boolean, new byte[0], "true")]
    [InlineData(ParameterType.Boolean, null, "false")]
    public async Task Parameter_is_read_by_its_type(ParameterType type, byte[]? value, string expected)
    {
        DevlinkParameter parameter = Assert.Single(Expect.Value(
            await Client(DevlinkCommand.ParamGet, GenericTemplates.Parameter(type, value)).ListParametersAsync()));
        Assert.Equal(("max_macs", true, type), (parameter.Name, parameter.IsGeneric, parameter.Type));
        Assert.Equal([new ParameterValue(ParameterMode.DriverInit, expected)], parameter.Values);
    }

    [Fact]
    public async Task Rates_are_leaves_and_nodes()
    {
        List<DevlinkRate> rates = Expect.Value(
            await Client(DevlinkCommand.RateGet, GenericTemplates.RateLeaf(), GenericTemplates.RateNode()).ListRatesAsync());
        Assert.Equal(new DevlinkRate(RateHandle.OfLeaf(new DevlinkPortHandle(Nic, 2)), 125_000, 1_250_000, 1, 5, "gold"), rates[0]);
        Assert.Equal(new DevlinkRate(RateHandle.OfNode(Nic, "gold"), 0, 0, null, null, null), rates[1]);
    }

    [Theory]
    [InlineData("pci/0000:01:00.0", true)]
    [InlineData("pci/01:00.0", true)]
    [InlineData("netdevsim/netdevsim1", true)]
    [InlineData("pci/eth0", false)]
    [InlineData("pci", false)]
    [InlineData("/x", false)]
    [InlineData("pci/0000:01:00.0/1", false)]
    [InlineData(null, false)]
    public void Handle_is_parsed(string? text, bool isOne) => Assert.Equal(isOne, DevlinkHandle.TryParse(text, out _));

    private static DevlinkClient Client(byte command, params byte[][] replies) =>
        Expect.Value(DevlinkClient.Open(new GenericKernel("devlink").On(command, replies).Kernel));
}
