using System.Diagnostics;
using System.Globalization;
using Vfleet.Linux.Real;
using Vfleet.Linux.Route;

namespace Vfleet.Linux.Tests;

/// <summary>Namespaces without a name, and programs in them.</summary>
public sealed class KernelPrivateNamespaceTests
{
    private readonly LinuxKernel _kernel = new();

    [KernelFact]
    public void WhatIsStartedInItIsInItAndNobodyElse()
    {
        ulong own = InodeOf("/proc/self/ns/net");
        using IPrivateNamespace space = Expect.Value(_kernel.CreatePrivateNamespace());
        using Process process = Expect.Value(space.Start(Sleep()));
        try
        {
            Assert.Equal(InodeOf(space.Path), InodeOf(Of(process)));
            Assert.NotEqual(own, InodeOf(space.Path));
            // Not the threads that ask for it, nor a program that is started elsewhere.
            Assert.Equal(own, InodeOf("/proc/thread-self/ns/net"));
            using Process outside = Expect.Value(ProgramImage.Start(Sleep()));
            Assert.Equal(own, InodeOf(Of(outside)));
            outside.Kill();
        }
        finally
        {
            process.Kill();
        }
    }

    [KernelFact]
    public async Task ItsLoopbackIsUp()
    {
        using IPrivateNamespace space = Expect.Value(_kernel.CreatePrivateNamespace());
        using NetworkNamespace opened = Expect.Value(_kernel.OpenNamespace(space.Path));
        using RouteClient route = Expect.Value(RouteClient.Open(_kernel, opened));
        LinkInfo loopback = Assert.Single(Expect.Value(await route.ListLinksAsync()));
        Assert.True(loopback is { Name: "lo", IsUp: true });
    }

    [KernelFact]
    public void ItEndsWhenItIsDisposedAndLivesOnWithWhatRunsInIt()
    {
        IPrivateNamespace space = Expect.Value(_kernel.CreatePrivateNamespace());
        ulong inode = InodeOf(space.Path);
        using Process process = Expect.Value(space.Start(Sleep()));
        space.Dispose();
        // The kernel ends a thread a moment after the runtime did.
        Assert.True(SpinWait.SpinUntil(() => IsGone(space.Path), TimeSpan.FromSeconds(10)));
        Assert.Equal(inode, InodeOf(Of(process)));
        process.Kill();
        space.Dispose();
    }

    [KernelFact]
    public void AProgramThatIsNotThereIsAFault()
    {
        using IPrivateNamespace space = Expect.Value(_kernel.CreatePrivateNamespace());
        Assert.Equal(Errno.ENOENT, Expect.Fault(space.Start(new ProcessStartInfo("/nowhere/program"))).Errno);
        Assert.Equal(Errno.EACCES, Expect.Fault(space.Start(new ProcessStartInfo("/etc/passwd"))).Errno);
    }

    private bool IsGone(string path)
    {
        Outcome<NetworkNamespace> opened = _kernel.OpenNamespace(path);
        opened.Or(null)?.Dispose();
        return opened.Fault?.Kind == FaultKind.NotFound;
    }

    private static ProcessStartInfo Sleep()
    {
        ProcessStartInfo start = new("sleep");
        start.ArgumentList.Add("60");
        return start;
    }

    private static string Of(Process process) => string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/ns/net");

    private ulong InodeOf(string path)
    {
        using NetworkNamespace opened = Expect.Value(_kernel.OpenNamespace(path));
        return opened.Inode;
    }
}
