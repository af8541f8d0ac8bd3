using Vfleet.Cli.Session;
using Vfleet.Linux.Route;
using Vfleet.Simulation;

namespace Vfleet.Cli.Tests.Session;

public sealed class UnitTracingKernelTests
{
    [Fact]
    public async Task WhatIsReadIsSummedUpAndWhatIsAskedHasTheTimeOfItsAnswer()
    {
        StringWriter written = new();
        using (TracingKernel kernel = new(SimulationProfiles.Create("igb").Value, written))
        {
            using (RouteClient route = RouteClient.Open(kernel).Value)
                Assert.NotEmpty((await route.ListLinksAsync()).Value);
            _ = kernel.Files.ReadText("/proc/cmdline").Value;
            _ = kernel.Files.List("/sys/bus/pci/devices").Value;
            _ = kernel.LoadModule("nothing");
            Assert.True(kernel.Files.Exists("/proc"));
        }
        string[] lines = written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["netlink Route: RTM_GETLINK dump", "read 2 files", "modprobe nothing  = ENOENT", "read 1 file"], lines.Select(line => line.Split(" ms  ")[1]));
    }
}
