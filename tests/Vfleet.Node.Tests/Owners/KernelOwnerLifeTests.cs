using System.Diagnostics;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Real;
using Vfleet.Linux.Tests;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Node.Tests.Owners;

public sealed class KernelOwnerLifeTests : IDisposable
{
    private readonly LinuxKernel _kernel = new();
    private readonly string _name = $"vft-owner-{Environment.ProcessId}";
    private readonly string _folder = Directory.CreateTempSubdirectory("vft-owner-").FullName;

    private string NamedPath => $"/run/netns/{_name}";

    [KernelFact("mount", "umount")]
    public async Task ANamespaceThatIsMountedElsewhereLivesThere()
    {
        Create();
        Owner owner = OwnerIdentity.OfNamespace(_kernel, NamedPath, "blue").Value;
        string elsewhere = Path.Combine(_folder, "an other place");
        File.WriteAllText(elsewhere, "");
        Run("mount", "--bind", NamedPath, elsewhere);
        try
        {
            Delete();
            Assert.Equal(Life.AliveAt(elsewhere), await AskAsync(owner));
            Create();
            Assert.Equal(Life.AliveAt(elsewhere), await AskAsync(owner));
        }
        finally
        {
            Run("umount", elsewhere);
        }
        AssertGone(await AskAsync(owner));
    }

    [KernelFact]
    public async Task AnotherNamespaceAtItsPathIsNotIt()
    {
        Create();
        Owner owner = OwnerIdentity.OfNamespace(_kernel, NamedPath, "blue").Value;
        Assert.Equal(Life.AliveAt(NamedPath), await AskAsync(owner));
        Delete();
        Create();
        AssertGone(await AskAsync(owner));
    }

    [KernelFact("ip", "sleep")]
    public async Task ANamespaceLivesInItsProcess()
    {
        Create();
        Owner owner = OwnerIdentity.OfNamespace(_kernel, NamedPath, "blue").Value;
        using Process inside = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", _name, "sleep", "60"]))!;
        ulong cookie = owner.NamespaceCookie!.Value;
        Assert.True(SpinWait.SpinUntil(() => CookieOf(inside.Id) == cookie, TimeSpan.FromSeconds(10)));
        Delete();
        Assert.Equal(Life.AliveAt($"/proc/{inside.Id}/ns/net"), await AskAsync(owner));
        inside.Kill();
        inside.WaitForExit();
        AssertGone(await AskAsync(owner));
    }

    [KernelFact("sleep")]
    public async Task AProcessLivesUntilItEnds()
    {
        using Process child = Process.Start(new ProcessStartInfo("sleep", ["60"]))!;
        Owner owner = OwnerIdentity.OfProcess(_kernel, child.Id, "vm").Value;
        Assert.Equal(Life.Alive, await AskAsync(owner));
        Assert.Equal(LifeState.Dead, (await AskAsync(owner with { ProcessStart = owner.ProcessStart - 1 })).State);
        child.Kill();
        child.WaitForExit();
        Assert.Equal(LifeState.Dead, (await AskAsync(owner)).State);
    }

    public void Dispose()
    {
        if (File.Exists(NamedPath))
            Delete();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Life> AskAsync(Owner owner) =>
        await new OwnerLife(_kernel, FrontDoors.None, new ReadTimer(TimeProvider.System, TimeSpan.FromSeconds(5))).AskAsync(owner);

    /// <summary>Where even root may not look at some process, having fewer capabilities, it may stand in the way.</summary>
    private void AssertGone(Life life)
    {
        if (life.State == LifeState.Dead)
            return;
        Assert.Matches("process [0-9]+ .* may not be inspected|/proc/[0-9]+/root/", life.Reason);
        Assert.Contains(Directory.GetDirectories("/proc"), folder => char.IsAsciiDigit(folder[^1])
            && _kernel.OpenNamespace($"{folder}/ns/net").Fault?.Kind == FaultKind.NotPermitted);
    }

    private ulong? CookieOf(int pid)
    {
        if (_kernel.OpenNamespace($"/proc/{pid}/ns/net").Or(null) is not { } opened)
            return null;
        using (opened)
            return opened.Cookie;
    }

    private void Create() => _kernel.CreateNamespace(_name).Value.Dispose();

    private void Delete() => _ = _kernel.DeleteNamespace(_name).Value;

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
