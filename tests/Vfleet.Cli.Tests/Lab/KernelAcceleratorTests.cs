using System.Diagnostics;
using Vfleet.Cli.Lab.Image;
using Vfleet.Cli.Lab.Qemu;
using Vfleet.Linux.Tests;

namespace Vfleet.Cli.Tests.Lab;

/// <summary>The choice between KVM and emulation, on a machine with /dev/kvm and with a QEMU of our making first in the search path.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class KernelAcceleratorTests : IDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("vfleet-test-");
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    public KernelAcceleratorTests() => Environment.SetEnvironmentVariable("PATH", $"{_place.FullName}:{_path}");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        _place.Delete(recursive: true);
    }

    [KernelFact("/dev/kvm")]
    public async Task Kvm_is_used_where_it_boots_the_kernel_and_that_is_remembered()
    {
        MakeQemu("echo 'probe passed' >\"$console\"; exec sleep 60");
        Assert.Equal(Accelerator.Kvm, await ChooseAsync("10.0"));

        MakeQemu("exit 1");
        Assert.Equal(Accelerator.Kvm, await ChooseAsync("10.0"));
        Assert.Equal(Accelerator.Tcg, await ChooseAsync("10.1"));
    }

    [KernelFact("/dev/kvm")]
    public async Task Emulation_is_used_where_the_guest_dies_although_the_device_opens()
    {
        MakeQemu("echo 'KVM internal error' >\"$console\"");

        Assert.Equal(Accelerator.Tcg, await ChooseAsync("10.0"));
    }

    private Task<Accelerator> ChooseAsync(string qemuVersion) =>
        new AcceleratorProbe(_place.FullName, TimeProvider.System).ChooseAsync(
            new LabImage("/image", new KernelTree("/kernel", "6.12.1")), qemuVersion, new Progress<string>(), CancellationToken.None);

    private void MakeQemu(string body)
    {
        string program = Path.Combine(_place.FullName, "qemu-system-x86_64");
        File.WriteAllText(program, $"""
            #!/bin/sh
            for word; do case $word in file,id=console,path=*) console=$(echo "$word" | cut -d= -f3);; esac; done
            {body}
            """);
        using Process chmod = Process.Start("chmod", ["+x", program]);
        chmod.WaitForExit();
    }
}
