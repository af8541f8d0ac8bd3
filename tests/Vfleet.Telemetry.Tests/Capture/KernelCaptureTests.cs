using System.Diagnostics;
using Vfleet.Linux;
using Vfleet.Linux.Real;
using Vfleet.Linux.Tests;
using Vfleet.Telemetry.Capture;

namespace Vfleet.Telemetry.Tests.Capture;

/// <summary>Captures of the real tcpdump, on a pair of interfaces between two namespaces.</summary>
public sealed class KernelCaptureTests
{
    [KernelFact("ip", "tcpdump", "busybox")]
    public async Task ExactlyThePacketsAreInTheFileAndAnyReaderReadsIt()
    {
        LinuxKernel kernel = new();
        using IPrivateNamespace here = kernel.CreatePrivateNamespace().Value, there = kernel.CreatePrivateNamespace().Value;
        Run(here, "ip", "link", "add", "net1", "type", "veth", "peer", "name", "net1", "netns", there.Path);
        foreach ((IPrivateNamespace space, string address) in new[] { (here, "192.0.2.1/24"), (there, "192.0.2.2/24") })
        {
            Run(space, "ip", "address", "add", address, "dev", "net1");
            Run(space, "ip", "link", "set", "net1", "up");
        }
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vfleet-capture-");
        try
        {
            using NetworkNamespace within = kernel.OpenNamespace(there.Path).Value;
            CapturePoint point = new("net1", there.Path, IsRepresentor: false, 2);
            string file = Path.Combine(folder.FullName, "a.pcapng");
            CaptureOrder order = new() { File = file, Duration = TimeSpan.FromSeconds(30), Filter = "icmp", SnapLength = 60 };
            Tcpdump tcpdump = new(words => new ProcessStartInfo(words[0], words.Skip(1)));
            Assert.True((await tcpdump.CheckFilterAsync(point, "icmp and host 192.0.2.1", within)).Succeeded);
            Fault wrong = (await tcpdump.CheckFilterAsync(point, "icmp and hosst", within)).Fault!;
            Assert.Equal((FaultKind.Usage, true), (wrong.Kind, wrong.Cause!.Contains("syntax error", StringComparison.Ordinal)));
            Fault absent = (await tcpdump.CheckFilterAsync(point with { Interface = "net9" }, "icmp", within)).Fault!;
            Assert.Equal(FaultKind.Kernel, absent.Kind);
            Assert.Equal(FaultKind.Refused, (await tcpdump.HardwareStampAsync(point with { Interface = "lo" }, within)).Fault?.Kind);

            using CancellationTokenSource end = new();
            TaskCompletionSource listens = new();
            CaptureRun run = new(words => new ProcessStartInfo(words[0], words.Skip(1)), TimeProvider.System, _ => new DiskSpace(1L << 40, 1L << 41));
            Task<Outcome<CaptureResult>> running = run.RunAsync(
                point, order, await UnitCaptureTests.IdentityAsync(), within, _ => listens.TrySetResult(), end.Token);
            await Task.WhenAny(listens.Task, running);
            Run(here, "busybox", "ping", "-c", "3", "-s", "100", "192.0.2.2");
            // What is not ICMP, and what is in the other namespace, is none of it.
            await Task.Delay(TimeSpan.FromSeconds(1.5));
            await end.CancelAsync();
            CaptureResult result = (await running).Value;

            Assert.Equal((6L, CaptureEnd.Signal, 0L), (result.Packets, result.Ended, result.Lost));
            using Process reader = Process.Start(new ProcessStartInfo("tcpdump", ["-n", "-r", file]) { RedirectStandardOutput = true })!;
            string[] lines = (await reader.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await reader.WaitForExitAsync();
            Assert.Equal((0, 6), (reader.ExitCode, lines.Length));
            Assert.Equal(3, lines.Count(line => line.Contains("192.0.2.1 > 192.0.2.2: ICMP echo request", StringComparison.Ordinal)));
            Assert.Equal(3, lines.Count(line => line.Contains("192.0.2.2 > 192.0.2.1: ICMP echo reply", StringComparison.Ordinal)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Run(IPrivateNamespace space, string program, params string[] arguments)
    {
        using Process process = space.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true }).Value;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
