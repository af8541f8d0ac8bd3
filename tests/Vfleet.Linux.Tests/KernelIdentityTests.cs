using System.Diagnostics;
using Vfleet.Linux.Real;

namespace Vfleet.Linux.Tests;

public sealed class KernelIdentityTests
{
    private readonly LinuxKernel _kernel = new();

    [KernelFact]
    public void TheCookieIsThatOfTheNamespaceAndNotOfTheCaller()
    {
        using KernelNamespace made = new();
        using KernelNamespace other = new();
        using NetworkNamespace own = Expect.Value(_kernel.OpenNamespace("/proc/self/ns/net"));
        using NetworkNamespace again = Expect.Value(_kernel.OpenNamespace(made.Namespace.Path));
        Assert.NotNull(made.Namespace.Cookie);
        Assert.Equal(made.Namespace.Cookie, again.Cookie);
        Assert.Equal(3, new HashSet<ulong?> { made.Namespace.Cookie, other.Namespace.Cookie, own.Cookie }.Count);
        // The thread that asked went back to where it was, or ended.
        using NetworkNamespace after = Expect.Value(_kernel.OpenNamespace("/proc/thread-self/ns/net"));
        Assert.Equal(own.Inode, after.Inode);
    }

    [KernelFact]
    public void AReadCookieKeepsNoNamespaceAlive()
    {
        const string Name = "vft-cookie";
        const int Enough = 2000;
        HashSet<ulong> cookies = [];
        HashSet<ulong> inodes = [];
        // The kernel takes namespaces apart in the background, many at a time.
        while (cookies.Count == inodes.Count && cookies.Count < Enough)
        {
            using (NetworkNamespace made = Expect.Value(_kernel.CreateNamespace(Name)))
            {
                Assert.True(cookies.Add(made.Cookie!.Value), "a cookie was given twice");
                inodes.Add(made.Inode);
            }
            Expect.Done(_kernel.DeleteNamespace(Name));
        }
        // The kernel gives a free inode number again: only because every namespace really ended.
        Assert.True(inodes.Count < cookies.Count, $"{inodes.Count} inode numbers for {cookies.Count} namespaces");
    }

    [KernelFact]
    public void AClosedHandleTellsNoCookie()
    {
        NetworkNamespace own = Expect.Value(_kernel.OpenNamespace("/proc/self/ns/net"));
        own.Dispose();
        Assert.Throws<ObjectDisposedException>(() => own.Cookie);
    }

    [KernelFact]
    public void AHandleThatIsKeptOpenKeepsItsNumberUntilItIsLetGo()
    {
        using KernelNamespace made = new();
        NetworkNamespace handle = Expect.Value(_kernel.OpenNamespace(made.Namespace.Path));
        string number = $"/proc/self/fd/{handle.Descriptor}";
        using (handle.KeepOpen())
        {
            handle.Dispose();
            Assert.Equal(made.Namespace.Path, Expect.Value(_kernel.Files.ReadLink(number)));
        }
        Assert.NotEqual(made.Namespace.Path, _kernel.Files.ReadLink(number).Or("closed"));
        Assert.Throws<ObjectDisposedException>(handle.KeepOpen);
    }

    [KernelFact("sleep")]
    public void AProcessIsToldByItsStart()
    {
        long own = Expect.Value(ProcessIdentity.Read(_kernel.Files, Environment.ProcessId))!.Value;
        using Process child = Process.Start(new ProcessStartInfo("sleep", ["60"]))!;
        long? start = Expect.Value(ProcessIdentity.Read(_kernel.Files, child.Id));
        Assert.True(start >= own, $"{start} before {own}");
        Assert.Equal(start, Expect.Value(ProcessIdentity.Read(_kernel.Files, child.Id)));
        child.Kill();
        child.WaitForExit();
        Assert.Null(Expect.Value(ProcessIdentity.Read(_kernel.Files, child.Id)));
    }

    [KernelFact("sh", "sleep")]
    public void AZombieHasNoStartAndNoNamespace()
    {
        // The shell becomes a program that never asks for the child it has.
        ProcessStartInfo start = new("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"]) { RedirectStandardOutput = true };
        using Process parent = Process.Start(start)!;
        int child = int.Parse(parent.StandardOutput.ReadLine()!, null);
        Assert.True(SpinWait.SpinUntil(
            () => _kernel.Files.ReadText($"/proc/{child}/stat").Or(null) is { } text && text.Contains(") Z ", StringComparison.Ordinal),
            TimeSpan.FromSeconds(10)));
        Assert.Null(Expect.Value(ProcessIdentity.Read(_kernel.Files, child)));
        Assert.Equal(FaultKind.NotFound, Expect.Fault(_kernel.OpenNamespace($"/proc/{child}/ns/net")).Kind);
        parent.Kill();
        parent.WaitForExit();
    }
}
