using Vfleet.Host;
using Vfleet.Host.Locks;

namespace Vfleet.Node.Plans;

/// <summary>
/// Keeps those who make a machine as documents say by themselves from those who are told to. People do not keep each other out: the
/// claims of the ledger do.
/// </summary>
internal static class ApplyLock
{
    private const string Name = "apply";

    /// <summary>For whoever was told to; waits up to the deadline of locks.</summary>
    public static ValueTask<Outcome<FileStream>> TakeAsync(HostOptions options, CancellationToken cancel) => StateLock.TakeAsync(
        options, Name, isShared: true,
        new LockPatience(options.LockDeadline, Late("an agent makes this machine as documents say")), cancel);

    /// <summary>For whoever does it by itself, and does not wait.</summary>
    /// <returns>TimedOut while somebody applies documents.</returns>
    public static ValueTask<Outcome<FileStream>> TryAloneAsync(HostOptions options, CancellationToken cancel) => StateLock.TakeAsync(
        options, Name, isShared: false, new LockPatience(TimeSpan.Zero, Late("documents are being applied")), cancel);

    private static Fault Late(string what) => Fault.TimedOut(what, null, "try again when it is done");
}
