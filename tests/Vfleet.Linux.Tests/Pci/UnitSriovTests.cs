using Vfleet.Linux.Pci;

namespace Vfleet.Linux.Tests.Pci;

public sealed class UnitSriovTests
{
    private const string Home = "/sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public void The_state_is_read()
    {
        SriovState state = Expect.Value(On(Igb.Tree(3)).Read(Igb.PhysicalFunction));

        Assert.Equal(new SriovState(Igb.PhysicalFunction, 7, 3) { Offset = 128, Stride = 2, VfDeviceId = 0x10ca, Autoprobe = true }, state);
    }

    [Fact]
    public void Virtual_functions_come_by_index() =>
        Assert.Equal(["0000:01:10.0", "0000:01:10.2", "0000:01:10.4"], Expect.Value(On(Igb.Tree(3)).VirtualFunctions(Igb.PhysicalFunction)).Select(vf => vf.ToString()));

    [Fact]
    public void A_link_that_disagrees_with_the_computed_address_names_both()
    {
        MemoryTree tree = Igb.Tree(3);
        tree.Add($"{Home}/virtfn1 -> ../0000:01:10.3");

        Fault fault = Expect.Fault(On(tree).VirtualFunctions(Igb.PhysicalFunction));

        Assert.Equal(FaultKind.Kernel, fault.Kind);
        Assert.Contains("0000:01:10.3", fault.Error, StringComparison.Ordinal);
        Assert.Contains("0000:01:10.2", fault.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_virtual_function_that_went_away_is_not_found()
    {
        MemoryTree tree = Igb.Tree(3);
        tree.Remove($"{Home}/virtfn2");

        Assert.Equal(FaultKind.NotFound, Expect.Fault(On(tree).VirtualFunctions(Igb.PhysicalFunction)).Kind);
    }

    [Fact]
    public void A_kernel_that_does_not_tell_the_offset_is_believed_its_links()
    {
        MemoryTree tree = Igb.Tree(3);
        tree.Remove($"{Home}/sriov_offset");

        Assert.Equal(3, Expect.Value(On(tree).VirtualFunctions(Igb.PhysicalFunction)).Count);
    }

    [Theory]
    [InlineData("0000:3b:00.0", 0x80, 2, 63, "0000:3b:1f.6")]
    [InlineData("0000:3b:00.0", 0x80, 2, 64, "0000:3c:00.0")]
    [InlineData("0000:3b:00.1", 0x100, 1, 255, "0000:3d:00.0")]
    [InlineData("ffff:fe:1f.7", 1, 1, 0, "ffff:ff:00.0")]
    [InlineData("10000:01:00.0", 0x10, 1, 0, "10000:01:02.0")]
    public void Addresses_carry_over_buses(string pf, int offset, int stride, int index, string expected)
    {
        Assert.True(PciAddress.TryParse(pf, out PciAddress address));
        SriovState state = new(address, 256, index + 1) { Offset = offset, Stride = stride };

        Assert.Equal(expected, state.Addresses(index + 1)![index].ToString());
    }

    [Fact]
    public void Addresses_that_leave_the_domain_are_none()
    {
        SriovState state = new(new PciAddress(0xffff, 0xff00), 256, 256) { Offset = 0x80, Stride = 1 };

        Assert.Null(state.Addresses(256));
        Assert.Null((state with { Offset = 0 }).Addresses(1));
        Assert.Null((state with { Stride = 0 }).Addresses(2));
    }

    [Fact]
    public async Task A_count_is_written_and_read_back()
    {
        MemoryTree tree = Igb.Tree();

        Expect.Done(await On(tree).SetNumVfsAsync(Igb.PhysicalFunction, 7, Soon));

        Assert.Equal([$"7 > {Home}/sriov_numvfs"], tree.Writes);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(8)]
    public void A_count_out_of_range_is_never_written(int count)
    {
        MemoryTree tree = Igb.Tree();

        Assert.Equal(FaultKind.Usage, Expect.Fault(On(tree).SetNumVfs(Igb.PhysicalFunction, count)).Kind);
        Assert.Empty(tree.Writes);
    }

    [Theory]
    [InlineData(Errno.EBUSY, "by way of 0")]
    [InlineData(Errno.ENOENT, "no driver is bound")]
    [InlineData(Errno.ENOMEM, "address space")]
    [InlineData(Errno.ENOSPC, "MSI-X")]
    public void The_kernels_refusals_are_explained(Errno errno, string cause)
    {
        MemoryTree tree = Igb.Tree(3);
        tree.OnWrite = (path, _) => Fault.FromErrno(errno, "echo", path);

        Fault fault = Expect.Fault(On(tree).SetNumVfs(Igb.PhysicalFunction, 5));

        Assert.Equal((FaultKind.Kernel, errno), (fault.Kind, fault.Errno));
        Assert.Contains(cause, fault.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_functions_than_asked_are_a_fault()
    {
        MemoryTree tree = Igb.Tree();
        tree.OnWrite = (path, _) =>
        {
            tree.Add($"{path} = 5\\n");
            return Unit.Done;
        };

        Assert.Contains("has 5", Expect.Fault(On(tree).SetNumVfs(Igb.PhysicalFunction, 7)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_ends_at_the_deadline_although_the_write_does_not()
    {
        MemoryTree tree = Igb.Tree();
        using ManualResetEventSlim kernel = new();
        tree.OnWrite = (_, _) =>
        {
            kernel.Wait();
            return Unit.Done;
        };

        Fault fault = Expect.Fault(await On(tree).SetNumVfsAsync(Igb.PhysicalFunction, 7, TimeSpan.FromMilliseconds(30)));
        kernel.Set();

        Assert.Equal(FaultKind.TimedOut, fault.Kind);
        Assert.True(fault.IsTransient);
    }

    [Fact]
    public void Autoprobe_and_vectors_are_written()
    {
        MemoryTree tree = Igb.Tree(1);

        Expect.Done(On(tree).SetAutoprobe(Igb.PhysicalFunction, false));
        Expect.Done(On(tree).SetVfMsixCount(Igb.VirtualFunction(0), 16));

        Assert.Equal([$"0 > {Home}/sriov_drivers_autoprobe", $"16 > /sys/devices/pci0000:00/0000:00:03.0/{Igb.VirtualFunction(0)}/sriov_vf_msix_count"], tree.Writes);
        Assert.Equal(FaultKind.Usage, Expect.Fault(On(tree).SetVfMsixCount(Igb.VirtualFunction(0), 4096)).Kind);
        Assert.Equal(FaultKind.Kernel, Expect.Fault(On(tree).SetVfMsixCount(Igb.PhysicalFunction, 16)).Kind);
    }

    [Fact]
    public void Why_a_device_cannot_have_virtual_functions()
    {
        MemoryTree tree = Igb.Tree(1);
        Assert.Contains("no SR-IOV capability", Cause(tree, Igb.RootPort), StringComparison.Ordinal);
        Assert.Contains("VF itself", Cause(tree, Igb.VirtualFunction(0)), StringComparison.Ordinal);

        tree.Remove($"{Home}/sriov_totalvfs");
        Assert.Contains("kernel refused", Cause(tree, Igb.PhysicalFunction), StringComparison.Ordinal);

        tree.AddBytes($"{Home}/config", ConfigBuilder.IgbPhysicalFunction().Word(0x16e, 0).Build());
        Assert.Contains("off in the device's firmware", Cause(tree, Igb.PhysicalFunction), StringComparison.Ordinal);

        tree.AddBytes($"{Home}/config", ConfigBuilder.IgbPhysicalFunction().Build()[..64]);
        Assert.Contains("only a part", Cause(tree, Igb.PhysicalFunction), StringComparison.Ordinal);
        Assert.Equal(FaultKind.NotFound, Expect.Fault(On(tree).Read(new PciAddress(0, 0x4200))).Kind);
    }

    private static string Cause(MemoryTree tree, PciAddress address) => Expect.Fault(On(tree).Read(address)).Cause!;

    private static Sriov On(MemoryTree tree) => new(tree, TimeProvider.System);
}
