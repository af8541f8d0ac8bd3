using System.Text;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Route;
using Vfleet.Linux.Tests.Netlink;

namespace Vfleet.Linux.Tests.Generic;

public sealed class UnitDevlinkWriteTests
{
    private static readonly DevlinkHandle Nic = new("pci", "0000:01:00.0");
    private readonly GenericKernel _script = new("devlink");

    [Fact]
    public async Task Eswitch_change_writes_only_what_changes()
    {
        Expect.Done(await Client().SetEswitchAsync(Nic, new EswitchChange { Mode = EswitchMode.Switchdev }));
        Dictionary<int, byte[]> sent = GenericKernel.Attributes(Assert.Single(_script.Requests));
        Assert.Equal([DevlinkAttribute.BusName, DevlinkAttribute.DevName, DevlinkAttribute.EswitchMode], sent.Keys);
        Assert.Equal("pci\0", Encoding.ASCII.GetString(sent[DevlinkAttribute.BusName]));
        Assert.Equal(new byte[] { 1, 0 }, sent[DevlinkAttribute.EswitchMode]);
    }

    [Fact]
    public async Task Refusal_names_the_command_and_carries_the_drivers_words()
    {
        _script.On(DevlinkCommand.EswitchSet, sent => [Datagram.Error(sent.Sequence, Errno.EBUSY, "Can't change mode with VFs")]);
        Fault fault = Expect.Fault(await Client().SetEswitchAsync(Nic, new EswitchChange { Mode = EswitchMode.Legacy, Encapsulation = true }));
        Assert.Equal("devlink dev eswitch set pci/0000:01:00.0 mode legacy encap-mode basic", fault.Operation);
        Assert.Equal("Can't change mode with VFs", fault.Cause);
    }

    [Fact]
    public async Task Port_function_change_selects_only_its_capabilities()
    {
        PortFunctionChange change = new() { Mac = new MacAddress(0x020000000009), Active = true, Migratable = false };
        Expect.Done(await Client().SetPortFunctionAsync(new DevlinkPortHandle(Nic, 3), change));
        byte[] function = GenericKernel.Attributes(Assert.Single(_script.Requests))[DevlinkAttribute.PortFunction];
        Assert.Equal(Datagram.Join(
            Datagram.Attribute(1, [2, 0, 0, 0, 0, 9]), Datagram.Attribute(2, [1]), Datagram.Attribute(4, [0, 0, 0, 0, 2, 0, 0, 0])), function);
    }

    [Theory]
    [InlineData(ParameterType.UInt32, "4096", true)]
    [InlineData(ParameterType.UInt32, "-1", false)]
    [InlineData(ParameterType.Byte, "256", false)]
    [InlineData(ParameterType.Boolean, "yes", false)]
    [InlineData(ParameterType.Boolean, "false", true)]
    [InlineData(ParameterType.Text, "0123456789012345678901234567890123", false)]
    public async Task Parameter_takes_only_values_of_its_type(ParameterType type, string value, bool fits)
    {
        _script.On(DevlinkCommand.ParamGet, GenericTemplates.Parameter(type, [0, 0, 0, 0]));
        Outcome<Unit> set = await Client().SetParameterAsync(Nic, "max_macs", value, ParameterMode.DriverInit);
        Assert.Equal(fits ? null : FaultKind.Usage, set.Fault?.Kind);
        Assert.Equal(fits ? 2 : 1, _script.Requests.Count);
    }

    [Fact]
    public async Task Rate_goes_to_a_leaf_by_port_and_to_a_node_by_name()
    {
        DevlinkClient client = Client();
        Expect.Done(await client.AddRateNodeAsync(Nic, "gold"));
        Expect.Done(await client.SetRateAsync(RateHandle.OfLeaf(new DevlinkPortHandle(Nic, 2)), new RateChange { TxMax = 125, Parent = "" }));
        Assert.Equal("gold\0"u8.ToArray(), GenericKernel.Attributes(_script.Requests[0])[DevlinkAttribute.RateNodeName]);
        Dictionary<int, byte[]> leaf = GenericKernel.Attributes(_script.Requests[1]);
        Assert.Equal(new byte[] { 2, 0, 0, 0 }, leaf[DevlinkAttribute.PortIndex]);
        Assert.Equal(new byte[] { 0 }, leaf[DevlinkAttribute.RateParentNodeName]);
        Assert.Equal(FaultKind.Usage, Expect.Fault(await client.AddRateNodeAsync(Nic, "17")).Kind);
        Assert.Equal(FaultKind.Usage, Expect.Fault(await client.DeleteRateNodeAsync(Nic, "a/b")).Kind);
    }

    [Fact]
    public async Task Reload_tells_what_was_done()
    {
        _script.On(DevlinkCommand.Reload, GenericTemplates.Reload());
        Assert.Equal(new ReloadResult(Nic, true, true), Expect.Value(await Client().ReloadAsync(Nic, ReloadAction.DriverReinit)));
    }

    [Fact]
    public async Task Flash_reports_its_own_progress_until_the_end()
    {
        _script.On(DevlinkCommand.FlashUpdate, sent =>
        {
            ScriptedSocket listener = _script.Listener!;
            byte[] foreign = GenericTemplates.Flash(DevlinkCommand.FlashUpdateStatus, 99);
            foreign.AsSpan(foreign.AsSpan().IndexOf("0000:01"u8), 7).Fill((byte)'9');
            listener.Reply(GenericTemplates.Flash(DevlinkCommand.FlashUpdateStatus, 10), foreign);
            listener.Push(Fault.FromErrno(Errno.ENOBUFS, "receive", "devlink"));
            listener.Reply(GenericTemplates.Flash(DevlinkCommand.FlashUpdateStatus, 100));
            listener.Reply(GenericTemplates.Flash(DevlinkCommand.FlashUpdateEnd, 0));
            return [Datagram.Ack(sent.Sequence)];
        });
        Reports reports = new();
        FlashRequest image = new() { File = "nic.bin", Component = "fw.mgmt", OverwriteSettings = true };
        Expect.Done(await Client().FlashAsync(Nic, image, reports));
        Assert.Equal([10, 100, 0], reports.Seen.Select(report => report.Done));
        Assert.True(reports.Seen[^1].IsEnd);
        Assert.Equal(new FlashProgress(Nic, "Flashing", "fw.mgmt", 10, 100, 30), reports.Seen[0]);
        Dictionary<int, byte[]> sent = GenericKernel.Attributes(Assert.Single(_script.Requests));
        Assert.Equal(new byte[] { 1, 0, 0, 0, 1, 0, 0, 0 }, sent[DevlinkAttribute.FlashOverwriteMask]);
        Assert.True(_script.Listener!.IsDisposed);
    }

    [Fact]
    public async Task Flash_that_fails_without_an_end_does_not_wait_for_one()
    {
        _script.On(DevlinkCommand.FlashUpdate, sent => [Datagram.Error(sent.Sequence, Errno.ENOENT)]);
        Assert.Equal(Errno.ENOENT, Expect.Fault(await Client().FlashAsync(Nic, new FlashRequest { File = "none.bin" }, new Reports())).Errno);
    }

    private DevlinkClient Client() => Expect.Value(DevlinkClient.Open(_script.Kernel));

    private sealed class Reports : IProgress<FlashProgress>
    {
        public List<FlashProgress> Seen { get; } = [];

        public void Report(FlashProgress value) => Seen.Add(value);
    }
}
