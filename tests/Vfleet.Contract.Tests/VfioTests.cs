using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Contract.Tests;

public sealed class VfioTests : IgbContract
{
    [ContractFact]
    public void A_device_is_opened_reset_and_closed()
    {
        int group = Prepare(0);
        Assert.False(Kernel.IsVfioGroupOpen(group).Value);
        using (IVfioDevice device = Kernel.OpenVfio(Vf(0), group).Value)
        {
            Answer.Done(device.Reset());
            Assert.True(Kernel.IsVfioGroupOpen(group).Value);
        }
        Assert.False(Kernel.IsVfioGroupOpen(group).Value);
    }

    [ContractFact]
    public void A_group_has_one_user_at_a_time()
    {
        int group = Prepare(0);
        using (IVfioDevice device = Kernel.OpenVfio(Vf(0), group).Value)
            Answer.Is(Errno.EBUSY, Kernel.OpenVfio(Vf(0), group));
        using IVfioDevice again = Kernel.OpenVfio(Vf(0), group).Value;
        Answer.Done(again.Reset());
    }

    [ContractFact]
    public void Groups_have_nodes_while_vfio_holds_their_functions()
    {
        int group = Prepare(0);
        Assert.Contains($"{group}", Files.List("/dev/vfio").Value);
        Answer.Done(Drivers.Unbind(Vf(0)));
        Assert.DoesNotContain($"{group}", Files.List("/dev/vfio").Value);
        Assert.False(Kernel.IsVfioGroupOpen(group).Succeeded);
    }

    [ContractFact]
    public void A_function_without_vfio_is_not_opened()
    {
        CreateVfs(1);
        int group = new Iommu(Files).NumberOf(Vf(0)).Value;
        Assert.False(Kernel.OpenVfio(Vf(0), group).Succeeded);
    }

    [ContractFact]
    public async Task Many_functions_are_reset_side_by_side_through_vfio()
    {
        CreateVfs(4);
        for (int index = 0; index < 4; index++)
            Bind(index, "vfio-pci");
        Answer.Done(Kernel.LoadModule("vfio_iommu_type1"));
        IReadOnlyList<ResetResult> results = await new PciResets(Kernel, TimeProvider.System).ResetManyAsync([.. Enumerable.Range(0, 4).Select(Vf)]);
        Assert.All(results, result => Assert.True(result.Outcome.Succeeded, result.Outcome.Fault?.ToString()));
        Assert.All(results, result => Assert.Equal((ResetWay.Vfio, null), (result.Way, result.Detour?.ToString())));
    }

    private int Prepare(int index)
    {
        CreateVfs(1);
        Bind(index, "vfio-pci");
        Answer.Done(Kernel.LoadModule("vfio_iommu_type1"));
        return new Iommu(Files).NumberOf(Vf(index)).Value;
    }
}
