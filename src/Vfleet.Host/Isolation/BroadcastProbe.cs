using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>Sends broadcasts: they cross within a VLAN and nowhere else.</summary>
public static class BroadcastProbe
{
    /// <summary>Stable name of the result within one VLAN.</summary>
    public const string SameName = "broadcast-same-vlan";

    /// <summary>Stable name of the result between VLANs.</summary>
    public const string OtherName = "broadcast-other-vlan";

    /// <summary>Measures.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="from">The sender; <see cref="ProbeEnd.Says"/> tells its VLAN.</param>
    /// <param name="to">Where the frames are looked for; <see cref="ProbeEnd.Says"/> tells its VLAN.</param>
    /// <param name="options">Deadline and number of frames.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<Outcome<ProbeResult>> RunAsync(
        IKernel kernel, ProbeEnd from, ProbeEnd to, ProbeOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new ProbeOptions();
        Outcome<IReadOnlyList<int>> sent = await TestRun.SendAsync(
            kernel, from, to, (own, _) => [new(MacAddress.Broadcast, own)], options, cancel).ConfigureAwait(false);
        return sent.Map(arrived => Judge(from.Vlan, to.Vlan, arrived[0], options.Frames));
    }

    private static ProbeResult Judge(int own, int other, int arrived, int frames)
    {
        string seen = $"{arrived} of {frames} broadcasts arrived";
        return own == other
            ? new ProbeResult(SameName, own == 0 ? "both untagged" : $"both on VLAN {own}", "broadcasts arrive", seen, arrived > 0)
            : new ProbeResult(OtherName, $"VLAN {own} and VLAN {other}", "no broadcast arrives", seen, arrived == 0);
    }
}
