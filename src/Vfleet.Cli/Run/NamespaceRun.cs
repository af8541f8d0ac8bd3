using System.Diagnostics;
using System.Runtime.InteropServices;
using Vfleet.Cli.Commands;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Linux.Real;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Release;

namespace Vfleet.Cli.Run;

/// <summary>
/// A command with a VF in a network namespace of its own. The namespace is the VF's owner: it ends with the command and with this process,
/// so that any other process of Vfleet takes the VF back where this one could not.
/// </summary>
/// <param name="session">The machine.</param>
/// <param name="space">The namespace.</param>
/// <param name="dhcp">The DHCP client that gets the interface its address; null for none.</param>
internal sealed class NamespaceRun(HostSession session, IPrivateNamespace space, string? dhcp)
{
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(1);

    /// <summary>Attaches a VF, runs the command, and takes the VF back.</summary>
    /// <param name="request">Which VF, and for whom.</param>
    /// <param name="order">How it should be.</param>
    /// <param name="words">The command and its arguments.</param>
    /// <param name="cancel">Ends what comes before the command; after that signals are the command's.</param>
    /// <returns>The command's exit code; 128 and the signal's number where a signal ended it.</returns>
    public async Task<Outcome<int>> RunAsync(
        AllocationRequest request, AttachOrder order, IReadOnlyList<string> words, CancellationToken cancel)
    {
        Outcome<NodeAttachment> done = await HandOut.AttachAsync(session, request, order, cancel).ConfigureAwait(false);
        if (!done.Try(out NodeAttachment? attached, out Fault? fault))
            return fault;
        HandOut.Warn([.. attached.Vfs[0].Warnings, .. attached.Warnings]);
        Outcome<int> ended;
        try
        {
            ended = await InsideAsync(attached.Vfs[0].InterfaceName, words, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C before the command ran: the VF is taken back before the caller hears of it, and a failure of that weighs more.
            if (await TakeBackAsync(attached.Allocation.Id).ConfigureAwait(false) is { } left)
                return left;
            throw;
        }
        Fault? stuck = await TakeBackAsync(attached.Allocation.Id).ConfigureAwait(false);
        if (!ended.Try(out int code, out fault))
        {
            return stuck is null
                ? fault
                : fault with { Cause = $"{fault.Cause ?? fault.Error}; taking the VF back failed too: {stuck.Error}" };
        }
        if (stuck is null)
            return code;
        int failed = ErrorWriter.Report(stuck, session.Output.Format);
        return code == 0 ? failed : code;
    }

    private async Task<Outcome<int>> InsideAsync(string? interfaceName, IReadOnlyList<string> words, CancellationToken cancel)
    {
        if (dhcp is null)
            return await CommandAsync(words, cancel).ConfigureAwait(false);
        if (interfaceName is null)
            return Fault.Usage("the VF has no interface that could get an address", "leave --dhcp out, or bind its native driver");
        Outcome<DhcpClient> started = await DhcpClient.StartAsync(session.Kernel, space, dhcp, interfaceName, cancel).ConfigureAwait(false);
        if (!started.Try(out DhcpClient? client, out Fault? fault))
            return fault;
        await using (client.ConfigureAwait(false))
        {
            Task<string> early = client.EndedAsync();
            Task<Outcome<int>> command = CommandAsync(words, cancel);
            // Ctrl-C ends both at once, which is no news.
            if (await Task.WhenAny(command, early).ConfigureAwait(false) == early
                && await Task.WhenAny(command, Task.Delay(Together, CancellationToken.None)).ConfigureAwait(false) != command)
                HandOut.Warn([$"{interfaceName}: {await early.ConfigureAwait(false)}"]);
            return await command.ConfigureAwait(false);
        }
    }

    private async Task<Outcome<int>> CommandAsync(IReadOnlyList<string> words, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (!space.Start(ChildStart.Of(words)).Try(out Process? process, out Fault? fault))
            return fault;
        using (process)
        using (SignalRoute.To(process.Id))
        {
            // One that came just before it could be passed on.
            if (cancel.IsCancellationRequested)
                _ = ProcessSignal.Send(process.Id, PosixSignal.SIGTERM);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            return process.ExitCode;
        }
    }

    private async Task<Fault?> TakeBackAsync(string allocation)
    {
        if (!session.Node().Try(out LocalNode? node, out Fault? fault))
            return fault;
        Outcome<ReleaseResult> released = await node.ReleaseAsync(allocation, "run ended", CancellationToken.None).ConfigureAwait(false);
        // Somebody else released it meanwhile.
        if (released.Fault is { Kind: FaultKind.NotFound })
            return null;
        if (!released.Try(out ReleaseResult? back, out fault))
            return fault;
        HandOut.Warn(back.Detached.SelectMany(each => each.Warnings));
        return back.Quarantined.Count > 0 ? HandOut.Quarantined(back.Quarantined[0].Vf, back.Quarantined[0].Evidence) : null;
    }
}
