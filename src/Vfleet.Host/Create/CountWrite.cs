using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Host.Create;

/// <summary>
/// Writes a PF's number of VFs. The kernel cannot be stopped in this: past the deadline only the waiting ends, and what must not happen while
/// the kernel works, as freeing the PF's lock or switching probing on, waits for the end.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">The clock and the deadline.</param>
/// <param name="left">Where other steps of the same change note what goes on after a deadline; freeing the lock waits for those too.</param>
internal sealed class CountWrite(IKernel kernel, HostOptions options, UnendedWork left)
{
    private Task _running = Task.CompletedTask;

    /// <summary>What other steps of the same change left to the kernel.</summary>
    public UnendedWork Left => left;

    /// <summary>False while the kernel still works on a write nobody waits for any more.</summary>
    public bool IsEnded => _running.IsCompleted;

    /// <summary>Equivalent to <c>echo COUNT &gt; /sys/bus/pci/devices/PF/sriov_numvfs</c>.</summary>
    /// <returns>TimedOut when the deadline passed.</returns>
    public Task<Outcome<Unit>> RunAsync(PciAddress pf, int count, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return AwaitAsync(
            new Sriov(kernel.Files, options.Time).SetNumVfsAsync(pf, count, Timeout.InfiniteTimeSpan, CancellationToken.None), pf.ToString(), count);
    }

    /// <summary>The same for a PF that is no PCI device: one write, without a look at what the device has.</summary>
    /// <returns>TimedOut when the deadline passed.</returns>
    public Task<Outcome<Unit>> RunAsync(PhysicalFunction pf, int count, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        string path = $"{pf.SysfsPath}/sriov_numvfs";
        string text = count.ToString(CultureInfo.InvariantCulture);
        return AwaitAsync(
            BlockingCall.RunAsync(
                () => kernel.Files.WriteText(path, text), $"echo {text} > {path}", pf.Label, Timeout.InfiniteTimeSpan, options.Time, CancellationToken.None),
            pf.Label,
            count);
    }

    /// <summary>Does something at once, or as soon as the kernel has ended its work.</summary>
    public void WhenEnded(Action then)
    {
        if (IsEnded)
            then();
        else
            _ = _running.ContinueWith(_ => then(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task<Outcome<Unit>> AwaitAsync(Task<Outcome<Unit>> running, string pf, int count)
    {
        _running = running;
        try
        {
            return await running.WaitAsync(options.CountDeadline, options.Time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return Fault.TimedOut(
                string.Create(CultureInfo.InvariantCulture, $"{pf}: {count} VFs were not there within {options.CountDeadline.TotalSeconds:0.###} s"),
                "the kernel may still work on it, and cannot be stopped", "wait, then look with `vfleet pf show`; dmesg shows what the driver waits for", pf);
        }
    }
}
