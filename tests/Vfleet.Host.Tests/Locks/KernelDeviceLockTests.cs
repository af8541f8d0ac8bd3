using System.Diagnostics;
using Vfleet.Host.Locks;
using Vfleet.Linux;
using Vfleet.Linux.Tests;

namespace Vfleet.Host.Tests.Locks;

public sealed class KernelDeviceLockTests
{
    [KernelFact("flock")]
    public async Task ALockOfAnotherProcessIsRespectedAndEndsWithIt()
    {
        using HostMachine machine = await HostMachine.CreateAsync(vfs: 1);
        (await DeviceLock.ForPfAsync(machine.Options, "0000:01:00.0", default)).Value.Dispose();
        string file = Path.Combine(machine.State, "locks", "0000:01:00.0.lock");
        // Holds the lock until its input ends; says when it has it.
        ProcessStartInfo start = new("flock") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-x", file, "-c", "echo held; cat"])
            start.ArgumentList.Add(argument);
        using Process other = Process.Start(start)!;
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync());
        Refusal.Is(FaultKind.TimedOut, await machine.AttachAsync(), "another process");
        Assert.Empty(machine.Records());
        other.StandardInput.Close();
        await other.WaitForExitAsync();
        Assert.True((await machine.AttachAsync()).Succeeded);
    }
}
