using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>
/// Tries to give a VF's interface another's MAC from inside its namespace, as root in a container could. Where the MAC was set through
/// the PF and trust is off the device must refuse; where it goes through, the old MAC is put back.
/// </summary>
public static class MacTakeoverProbe
{
    /// <summary>Stable name of the result.</summary>
    public const string Name = "mac-takeover";

    /// <summary>Measures. Equivalent to <c>ip -n NAME link set DEV address MAC</c>.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="attacker">The interface; <see cref="ProbeEnd.Says"/> tells its administrative MAC and trust.</param>
    /// <param name="victim">The MAC to take.</param>
    /// <param name="cancel">Ends the waiting; the old MAC is put back all the same.</param>
    /// <returns>A fault where the interface cannot be read, or the old MAC does not go back.</returns>
    public static async Task<Outcome<ProbeResult>> RunAsync(IKernel kernel, ProbeEnd attacker, MacAddress victim, CancellationToken cancel = default)
    {
        if (!RouteClient.Open(kernel, attacker.Within).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            Outcome<LinkInfo> read = await route.GetLinkAsync(attacker.InterfaceName, cancel: cancel).ConfigureAwait(false);
            if (!read.Try(out LinkInfo? link, out fault))
                return fault;
            if (link.Mac is not { } own || own == victim)
                return Fault.Usage($"{link.Name} has the MAC {victim} already: there is nothing to take over", target: link.Name);
            cancel.ThrowIfCancellationRequested();
            // From here to the end nothing is cancelled: an attempt of unknown outcome could not be undone.
            Outcome<Unit> tried = await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Mac = victim }, CancellationToken.None).ConfigureAwait(false);
            Outcome<LinkInfo> after = await route.GetLinkAsync(link.Index, cancel: CancellationToken.None).ConfigureAwait(false);
            if (!after.Try(out LinkInfo? now, out fault))
                return fault;
            if (now.Mac != own)
            {
                Outcome<Unit> back = await route.ChangeLinkAsync(link.Index, link.Name, new LinkChange { Mac = own }, CancellationToken.None).ConfigureAwait(false);
                if (back.Fault is not null)
                    return back.Fault with { Error = $"{link.Name} took the MAC {victim} and does not take its own {own} back: {back.Fault.Error}" };
            }
            return Judge(attacker.Says, victim, tried.Fault, now.Mac != own);
        }
    }

    private static ProbeResult Judge(VfInfo? says, MacAddress victim, Fault? refusal, bool isTaken)
    {
        string seen = (refusal, isTaken) switch
        {
            (_, true) => $"it took {victim}; its own was put back",
            (null, false) => "the kernel said yes and the MAC stayed",
            ({ } fault, false) => $"refused: {fault.Errno?.Describe() ?? fault.Error}",
        };
        return says switch
        {
            { Trust: true } => new ProbeResult(Name, "trust on: no promise", "the MAC may change", seen, true),
            { Mac: { IsZero: false } mac } => new ProbeResult(Name, $"MAC {mac} set through the PF, trust off", "a change is refused", seen, !isTaken),
            _ => new ProbeResult(Name, "no MAC set through the PF: no promise", "the MAC may change", seen, true),
        };
    }
}
