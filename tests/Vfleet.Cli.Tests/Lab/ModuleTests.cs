using System.Text;
using Vfleet.Cli.Lab;
using Vfleet.Cli.Lab.Image;

namespace Vfleet.Cli.Tests.Lab;

public sealed class ModuleTests
{
    [Fact]
    public void Unit_modules_come_after_what_they_need_and_once()
    {
        ModuleDependencies dependencies = ModuleDependencies.Parse(
        [
            "kernel/fs/9p/9p.ko: kernel/net/9p/9pnet.ko kernel/fs/netfs/netfs.ko",
            "kernel/net/9p/9pnet.ko: kernel/fs/netfs/netfs.ko",
            "kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko kernel/fs/netfs/netfs.ko",
            "kernel/fs/netfs/netfs.ko:",
            "kernel/arch/x86/crypto/crc32c-intel.ko.xz:",
        ]);

        Assert.Equal(
            ["kernel/fs/netfs/netfs.ko", "kernel/net/9p/9pnet.ko", "kernel/net/9p/9pnet_virtio.ko", "kernel/fs/9p/9p.ko", "kernel/arch/x86/crypto/crc32c-intel.ko.xz"],
            dependencies.FilesOf(["9pnet_virtio", "9p", "crc32c_intel", "built-in-or-unknown"]));
    }

    [Fact]
    public void Unit_the_labs_own_list_names_what_it_is_for()
    {
        ModuleList list = ModuleList.Parse(Encoding.UTF8.GetString(LabResources.Read("modules.txt")));

        Assert.Contains("9p", list.Initramfs);
        Assert.Subset(list.Load.ToHashSet(), new HashSet<string> { "igb", "igbvf", "nvme", "vfio-pci", "vfio_iommu_type1", "netdevsim" });
    }

    [Theory]
    [InlineData("igb\n[load]\n")]
    [InlineData("[nonsense]\n")]
    public void Unit_a_broken_list_is_refused(string text) => Assert.Throws<FormatException>(() => ModuleList.Parse(text));

    [Fact]
    public void Unit_the_archive_is_what_the_kernel_reads()
    {
        using MemoryStream target = new();
        CpioWriter cpio = new(target);
        cpio.Directory("dev");
        cpio.Device("dev/null", 1, 3);
        cpio.File("init", "#!"u8, executable: true);
        cpio.End();

        string text = Encoding.ASCII.GetString(target.ToArray());
        Assert.Equal(0, text.Length % 4);
        Assert.Equal(4, text.Split("070701").Length - 1);
        string init = text[text.LastIndexOf("070701", text.IndexOf("init", StringComparison.Ordinal), StringComparison.Ordinal)..];
        Assert.Equal("000081ed", init[14..22]);
        Assert.Equal("00000002", init[54..62]);
        Assert.Equal("init\0", init[110..115]);
        Assert.Equal("#!", init[116..118]);
    }
}
