using System.Text;
using Vfleet.Cli.Lab;
using Vfleet.Cli.Lab.Image;
using Vfleet.Cli.Lab.Qemu;

namespace Vfleet.Cli.Tests.Lab;

public sealed class QemuArgumentsTests
{
    private static readonly LabPaths Paths = new("/cache", "/run/a,b");
    private static readonly LabImage Image = new("/cache/image/1", new KernelTree("/cache/kernel/6.12.1", "6.12.1"));
    private static readonly BootSettings Boot = new("/cache/image/1/modules", "/run/a,b/agent", "/usr/bin/dotnet", "vfleet.dll", "/run/a,b/share");

    private static string[] Arguments(Accelerator accelerator) => [.. QemuArguments.ForLab(Paths, Image, Boot, "/cache/scratch.img", accelerator)];

    [Fact]
    public void Unit_memory_stays_below_the_limit_for_vf_bars() => Assert.InRange(QemuArguments.MemoryMegabytes, 1024, 2800);

    [Fact]
    public void Unit_the_ports_are_on_two_numa_nodes_and_one_wire()
    {
        string[] arguments = Arguments(Accelerator.Tcg);

        Assert.Equal(2, arguments.Count(argument => argument.StartsWith("igb,", StringComparison.Ordinal)));
        Assert.Equal(2, arguments.Count(argument => argument.StartsWith("hubport,hubid=1,", StringComparison.Ordinal)));
        Assert.Single(arguments, argument => argument.StartsWith("pxb-pcie", StringComparison.Ordinal) && argument.EndsWith("numa_node=0", StringComparison.Ordinal));
        Assert.Single(arguments, argument => argument.StartsWith("pxb-pcie", StringComparison.Ordinal) && argument.EndsWith("numa_node=1", StringComparison.Ordinal));
    }

    [Fact]
    public void Unit_every_channel_has_a_port_of_its_own_and_there_is_no_network_to_the_host()
    {
        string[] arguments = Arguments(Accelerator.Tcg);

        Assert.Equal(LabPaths.ChannelCount, arguments.Count(argument => argument.StartsWith("virtserialport,", StringComparison.Ordinal)));
        Assert.DoesNotContain(arguments, argument => argument.StartsWith("user", StringComparison.Ordinal) || argument.StartsWith("tap", StringComparison.Ordinal));
    }

    [Fact]
    public void Unit_commas_in_paths_are_doubled_except_where_the_path_is_the_whole_argument()
    {
        string[] arguments = Arguments(Accelerator.Tcg);

        Assert.Contains("local,id=share,path=/run/a,,b/share,security_model=none,multidevs=remap", arguments);
        Assert.Equal("/run/a,b/qemu.pid", arguments[Array.IndexOf(arguments, "-pidfile") + 1]);
    }

    [Fact]
    public void Unit_the_hosts_files_are_read_only() =>
        Assert.Contains(Arguments(Accelerator.Tcg), argument => argument.StartsWith("local,id=host,path=/,", StringComparison.Ordinal)
            && argument.Contains("readonly=on", StringComparison.Ordinal));

    [Theory]
    [InlineData(Accelerator.Tcg, "tcg,thread=single", "kernel-irqchip=off")]
    [InlineData(Accelerator.Kvm, "kvm", "kernel-irqchip=split")]
    internal void Unit_the_interrupt_controller_follows_the_accelerator(Accelerator accelerator, string accel, string machine)
    {
        string[] arguments = Arguments(accelerator);

        Assert.Equal(accel, arguments[Array.IndexOf(arguments, "-accel") + 1]);
        Assert.EndsWith(machine, arguments[Array.IndexOf(arguments, "-machine") + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void Unit_the_probe_boots_the_same_machine_and_nothing_of_the_host()
    {
        IReadOnlyList<string> probe = QemuArguments.ForProbe(Image, Accelerator.Kvm, "/tmp/console");

        Assert.Contains("q35,kernel-irqchip=split", probe);
        Assert.DoesNotContain(probe, argument => argument.StartsWith("local,", StringComparison.Ordinal));
    }

    [Fact]
    public void Unit_boot_settings_survive_blanks_on_the_kernel_command_line()
    {
        string parameter = (Boot with { Program = "/run/with blank/agent" }).ToKernelParameter();

        Assert.DoesNotContain(' ', parameter);
        string text = Encoding.UTF8.GetString(Convert.FromBase64String(parameter["vfleet.config=".Length..]));
        Assert.Contains("program=/run/with blank/agent\n", text, StringComparison.Ordinal);
        Assert.True(Arguments(Accelerator.Tcg).Max(argument => argument.Length) < 2048, "the kernel cuts its command line at 2048 bytes");
    }
}
