using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Pci.Config;

namespace Vfleet.Contract.Tests;

public sealed class SriovFilesTests : IgbContract
{
    [ContractFact]
    public void The_port_tells_its_limits_and_where_its_vfs_will_be()
    {
        SriovState state = new Sriov(Files, TimeProvider.System).Read(Pf).Value;
        Assert.Equal((7, 0, 128, 2), (state.TotalVfs, state.NumVfs, state.Offset, state.Stride));
        Assert.Equal(((ushort)0x10ca, true, null), (state.VfDeviceId, state.Autoprobe, state.VfTotalMsix));
    }

    [ContractFact]
    public void A_count_makes_that_many_vfs_at_offset_and_stride()
    {
        CreateVfs(7);
        Assert.Equal("7", Files.ReadText(PfFile("sriov_numvfs")).Value);
        Assert.Equal(Enumerable.Range(0, 7).Select(Vf), new Sriov(Files, TimeProvider.System).VirtualFunctions(Pf).Value);
        Assert.False(Files.Exists(PfFile("virtfn7")));
        for (int index = 0; index < 7; index++)
        {
            Assert.Equal(Pf.ToString(), Path.GetFileName(Files.ReadLink($"{Vf(index).SysfsPath}/physfn").Value));
            Assert.Equal(Vf(index).ToString(), Path.GetFileName(Files.ReadLink(PfFile($"virtfn{index}")).Value));
        }
    }

    [ContractFact]
    public void A_vf_says_what_it_is()
    {
        CreateVfs(1);
        PciDevice vf = new PciBus(Files).Read(Vf(0)).Value;
        Assert.Equal(((ushort)0x8086, (ushort)0x10ca, Pf), (vf.VendorId, vf.DeviceId, vf.PhysicalFunction));
        Assert.Equal(new PciBus(Files).Read(Pf).Value.NumaNode, vf.NumaNode);
        Assert.Equal(0x0200u, vf.Class >> 8);
        Assert.Null(vf.Driver);
    }

    [ContractFact]
    public void Each_vf_has_an_iommu_group_of_its_own()
    {
        CreateVfs(3);
        Iommu iommu = new(Files);
        int[] groups = [.. Enumerable.Range(0, 3).Select(index => iommu.NumberOf(Vf(index)).Value)];
        Assert.Equal(3, groups.Distinct().Count());
        Assert.Equal(Vf(2), Assert.Single(iommu.GroupOf(Vf(2)).Value.Members).Address);
    }

    [ContractFact]
    public void From_one_count_to_another_only_by_way_of_zero()
    {
        CreateVfs(2);
        Answer.Is(Errno.EBUSY, WritePf("sriov_numvfs", "1"));
        Answer.Is(Errno.EBUSY, WritePf("sriov_numvfs", "7"));
        Answer.Done(WritePf("sriov_numvfs", "2"));
        Assert.Equal("2", Files.ReadText(PfFile("sriov_numvfs")).Value);
        Answer.Done(WritePf("sriov_numvfs", "0"));
        Assert.False(Files.Exists(PfFile("virtfn0")));
        Assert.False(Files.Exists(Vf(0).SysfsPath));
        Answer.Done(WritePf("sriov_numvfs", "1"));
        Assert.True(Files.Exists(PfFile("virtfn0")));
    }

    [ContractTheory]
    [InlineData("8", Errno.ERANGE)]
    [InlineData("65535", Errno.ERANGE)]
    [InlineData("65536", Errno.EINVAL)]
    [InlineData("99999999999999999999", Errno.EINVAL)]
    [InlineData("-1", Errno.EINVAL)]
    [InlineData("many", Errno.EINVAL)]
    [InlineData("1 2", Errno.EINVAL)]
    [InlineData("\n", Errno.EINVAL)]
    public void A_count_out_of_range_is_refused(string count, Errno errno)
    {
        Answer.Is(errno, WritePf("sriov_numvfs", count));
        Assert.Equal("0", Files.ReadText(PfFile("sriov_numvfs")).Value);
    }

    [ContractTheory]
    [InlineData("1\n")]
    [InlineData("0x1")]
    [InlineData("01")]
    [InlineData("+1")]
    public void A_count_may_be_written_as_the_kernel_reads_numbers(string count)
    {
        Answer.Done(WritePf("sriov_drivers_autoprobe", "0"));
        Answer.Done(WritePf("sriov_numvfs", count));
        Assert.Equal("1", Files.ReadText(PfFile("sriov_numvfs")).Value);
    }

    [ContractFact]
    public void With_autoprobe_off_new_vfs_have_no_driver()
    {
        Answer.Done(Kernel.LoadModule("igbvf"));
        CreateVfs(2);
        Assert.All(Enumerable.Range(0, 2), index => Assert.Null(Drivers.Of(Vf(index)).Value));
    }

    [ContractFact]
    public async Task With_autoprobe_on_new_vfs_have_their_native_driver()
    {
        Answer.Done(Kernel.LoadModule("igbvf"));
        Answer.Done(WritePf("sriov_drivers_autoprobe", "1"));
        Answer.Done(WritePf("sriov_numvfs", "2"));
        Assert.Equal("igbvf", Drivers.Of(Vf(0)).Value);
        Assert.NotNull(await VfLinkAsync(1));
    }

    [ContractTheory]
    [InlineData("0", "0")]
    [InlineData("1", "1")]
    [InlineData("n", "0")]
    [InlineData("Y", "1")]
    [InlineData("off", "0")]
    public void Autoprobe_reads_back(string written, string read)
    {
        Answer.Done(WritePf("sriov_drivers_autoprobe", written));
        Assert.Equal(read, Files.ReadText(PfFile("sriov_drivers_autoprobe")).Value);
    }

    [ContractFact]
    public void Autoprobe_takes_nothing_else() => Answer.Is(Errno.EINVAL, WritePf("sriov_drivers_autoprobe", "2"));

    [ContractFact]
    public void Files_that_only_tell_cannot_be_written()
    {
        Answer.Is(Errno.EACCES, WritePf("sriov_totalvfs", "9"));
        Answer.Is(Errno.EACCES, WritePf("sriov_offset", "1"));
    }

    [ContractFact]
    public async Task Vfs_that_go_take_their_interfaces_along()
    {
        await CreateNativeAsync(2);
        Answer.Done(WritePf("sriov_numvfs", "0"));
        Assert.Null(await FindLinkAsync(Vf(0)));
        Assert.Null(await FindLinkAsync(Vf(1)));
        Assert.Empty(await ReadVfsAsync());
    }

    [ContractFact]
    public void The_configuration_space_tells_the_same_as_sysfs()
    {
        CreateVfs(1);
        SriovCapability capability = new ConfigReader(Files).Read(Pf).Value.Sriov!;
        Assert.Equal(((ushort)1, (ushort)128, (ushort)2), (capability.NumVfs, capability.FirstVfOffset, capability.VfStride));
    }
}
