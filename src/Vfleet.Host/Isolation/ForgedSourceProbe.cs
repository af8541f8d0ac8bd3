using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>
/// Sends frames under addresses that are not the sender's: one nobody has, and the receiver's own. Spoof check should drop them.
/// Frames under the sender's real address come last, so that silence means something.
/// </summary>
public static class ForgedSourceProbe
{
    /// <summary>Stable name of the result.</summary>
    public const string Name = "forged-source";

    /// <summary>Measures. The ends must be able to reach each other (same VLAN).</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="from">The forger; <see cref="ProbeEnd.Says"/> tells its spoof check.</param>
    /// <param name="to">Where forged frames are looked for.</param>
    /// <param name="options">Deadline and number of frames.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<Outcome<ProbeResult>> RunAsync(
        IKernel kernel, ProbeEnd from, ProbeEnd to, ProbeOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new ProbeOptions();
        Outcome<IReadOnlyList<int>> sent = await TestRun.SendAsync(
            kernel, from, to, (own, peer) => [new(peer, Stranger(own)), new(peer, peer), new(peer, own)], options, cancel).ConfigureAwait(false);
        return sent.Map(arrived => Judge(from.Says?.SpoofCheck, arrived, options.Frames));
    }

    /// <summary>A locally administered address next to the sender's, which nobody has.</summary>
    private static MacAddress Stranger(MacAddress own) => new((own.Value ^ 0x00_00_00_5a_00_00) | 0x02_00_00_00_00_00);

    private static ProbeResult Judge(bool? spoofCheck, IReadOnlyList<int> arrived, int frames)
    {
        string seen = $"{arrived[0]} of {frames} frames under an unknown address arrived, {arrived[1]} of {frames} under the receiver's, {arrived[2]} of {frames} under its own";
        if (spoofCheck != true)
            return new ProbeResult(Name, spoofCheck is null ? "spoof check unknown: no promise" : "spoof check off: no promise", "forged frames may arrive", seen, true);
        bool isProof = arrived[2] > 0;
        return new ProbeResult(Name, "spoof check on", "no forged frame arrives", isProof ? seen : $"{seen}: nothing is shown", isProof && arrived[0] + arrived[1] == 0);
    }
}
