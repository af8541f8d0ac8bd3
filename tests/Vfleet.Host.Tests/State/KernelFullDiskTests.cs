using System.Diagnostics;
using Vfleet.Host.Attach;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Tests;

namespace Vfleet.Host.Tests.State;

/// <summary>A record that cannot be made durable: nothing is handed out.</summary>
public sealed class KernelFullDiskTests
{
    [KernelFact("mount", "umount")]
    public async Task OnAFullDiskNothingIsHandedOutAndNothingIsLeftBehind()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        string[] before = await machine.DescribeAsync();
        using SmallDisk disk = new("size=16k");
        HostOptions options = machine.Options with { StateDirectory = disk.Path };
        Attacher attacher = new(machine.Simulated, options);
        disk.Fill();
        Refusal.Is(FaultKind.Kernel, await attacher.AttachAsync(machine.Request()), "cannot be written", "space");
        Assert.Equal(before, await machine.DescribeAsync());
        Assert.Empty(Directory.GetFiles(Path.Combine(disk.Path, "attachments")));
        disk.Empty();
        Assert.True((await attacher.AttachAsync(machine.Request())).Succeeded);
    }

    [KernelFact("mount", "umount")]
    public async Task ADetachIsPossibleOnAFullDisk()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        using SmallDisk disk = new("size=16k");
        HostOptions options = machine.Options with { StateDirectory = disk.Path };
        _ = (await new Attacher(machine.Simulated, options).AttachAsync(machine.Request())).Value;
        disk.Fill();
        Assert.True((await new Detacher(machine.Simulated, options).DetachAsync(machine.Vf(0))).Succeeded);
    }

    [KernelFact("mount", "umount")]
    public async Task WithoutRoomForALockTheDiskIsNamedAndNotAnotherProcess()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        using SmallDisk disk = new("size=16k,nr_inodes=2");
        HostOptions options = machine.Options with { StateDirectory = disk.Path, LockDeadline = TimeSpan.FromMinutes(5) };
        Fault fault = Refusal.Is(FaultKind.Kernel, await new Attacher(machine.Simulated, options).AttachAsync(machine.Request()), disk.Path, "space");
        Assert.DoesNotContain("another process", fault.ToString(), StringComparison.Ordinal);
    }

    [KernelFact("mount", "umount")]
    public async Task AReadOnlyDiskIsNamed()
    {
        using SmallDisk disk = new("size=16k,ro");
        ForceLog log = new(new HostOptions { StateDirectory = disk.Path }, null);
        Fault fault = Refusal.Is(FaultKind.Kernel, await log.AppendAsync("vf delete", []), disk.Path);
        Assert.Contains("read-only", fault.Cause!, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A tmpfs of its own.</summary>
    private sealed class SmallDisk : IDisposable
    {
        public SmallDisk(string options)
        {
            Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", Path);
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("vfleet-disk-").FullName;

        private string Ballast => System.IO.Path.Combine(Path, "ballast");

        public void Fill()
        {
            using FileStream file = File.Create(Ballast, 1);
            try
            {
                while (true)
                    file.Write(new byte[4096]);
            }
            catch (IOException)
            {
                // Full: that was the point.
            }
        }

        public void Empty() => File.Delete(Ballast);

        public void Dispose()
        {
            Run("umount", Path);
            Directory.Delete(Path);
        }

        private static void Run(string program, params string[] arguments)
        {
            ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string words = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, words);
        }
    }
}
