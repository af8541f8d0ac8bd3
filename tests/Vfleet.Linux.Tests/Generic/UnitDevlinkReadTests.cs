using System.IO.Compression;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;
using Vfleet.Linux.Tests.Netlink;

namespace Vfleet.Linux.Tests.Generic;

public sealed class UnitDevlinkReadTests
{
    private static readonly DevlinkHandle Nic = new("pci", "0000:01:00.0");

    /// <summary>What kernel 6.12's netdevsim answered to <c>devlink health diagnose</c>; deflated.</summary>
    private const string RecordedDiagnosis =
        "eNrFlM9OwkAQxqf0LwJiIl6M4QW8oRGewNfYtFhNsexqWw/4ULwMN2I48QIcvTlsu9gd26t7aCff9Df9dr40nVoAI38BDrzilcI5CCjivGCRECkAuPAGnqzv" +
        "gCgyXHJ9xX3MJGM1MIMTczeB6l021gA5u5F7uFecg7WP3LFCjb1QbF5kCX+R7Bk+HyKbi2Vctf/yUcLDbIW9pZzp4cwIZ77n68Pu8XO7+bod23t/Xc5xPQuO" +
        "N3mGMqMr7B9b8ROrR6VlVT/zJeExMi2zX5Ze5azKkIVZFq7gtIPKkmZrEd1pyL6uHaJdoj2ifaIDorvaPilcqx3k+Zl4ZiJaxPMih3IXlesYuYRXVEPAbfne" +
        "tM2Rb1PP+X88LQOeHQOetgFPx4Cna8DTM+DpG/AMDHh2W/69P4qIZgI=";

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

    [Fact]
    public async Task Recorded_diagnosis_is_read_whole()
    {
        using MemoryStream payload = new();
        using (ZLibStream deflated = new(new MemoryStream(Convert.FromBase64String(RecordedDiagnosis)), CompressionMode.Decompress))
            deflated.CopyTo(payload);
        byte[] message = Datagram.Message(GenericTemplates.FamilyId, 1, payload.ToArray(), NetlinkFlags.Multi);
        DevlinkClient client = Client(DevlinkCommand.HealthReporterDiagnose, message, Datagram.Done(1));
        Diagnosis tree = Expect.Value(await client.DiagnoseAsync(Nic, "dummy"));
        Assert.Equal(
            ["test_bool", "test_u8", "test_u32", "test_u64", "test_string", "test_binary", "test_nest", "test_u32_array", "test_array_of_objects"],
            tree.Children.Select(child => child.Name));
        Assert.Equal(["nested_test_bool", "nested_test_u8"], tree.Children[6].Children.Select(child => child.Name));
        Assert.Equal((10, 10), (tree.Children[7].Children.Count, tree.Children[8].Children.Count));
        Assert.Equal("in_array_nested_test_bool", tree.Children[8].Children[9].Children[0].Name);
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
