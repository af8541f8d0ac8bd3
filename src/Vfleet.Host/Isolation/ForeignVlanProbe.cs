using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Isolation;

/// <summary>
/// Sends frames that carry a VLAN tag of the sender's choosing. A VF on a port VLAN must not choose its VLAN: the device drops such
/// frames, or carries them inside the port VLAN with the tag as payload. Either way a VF on the VLAN of the tag hears nothing.
/// </summary>
public static class ForeignVlanProbe
{
    /// <summary>Stable name of the result towards a VF of another VLAN.</summary>
    public const string Name = "foreign-vlan-tag";

    /// <summary>Stable name of the result towards a VF of the sender's own VLAN.</summary>
    public const string InsideName = "tagged-inside";

    /// <summary>Measures.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="from">The sender; <see cref="ProbeEnd.Says"/> tells its VLAN.</param>
    /// <param name="to">Where the frames are looked for; <see cref="ProbeEnd.Says"/> tells its VLAN.</param>
    /// <param name="tag">The VLAN id to put on them, 1 to 4094: the one of <paramref name="to"/>, to break into its VLAN.</param>
    /// <param name="options">Deadline and number of frames.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<Outcome<ProbeResult>> RunAsync(
        IKernel kernel, ProbeEnd from, ProbeEnd to, int tag, ProbeOptions? options = null, CancellationToken cancel = default)
    {
        if (tag is < 1 or > 4094)
            return Fault.Usage($"VLAN {tag} is out of range 1 to 4094");
        options ??= new ProbeOptions();
        Outcome<IReadOnlyList<int>> sent = await TestRun.SendAsync(
            kernel, from, to, (own, peer) => [new(MacAddress.Broadcast, own, tag), new(peer, own, tag)], options, cancel).ConfigureAwait(false);
        return sent.Map(arrived => Judge(from.Vlan, to.Vlan, tag, arrived, options.Frames));
    }

    private static ProbeResult Judge(int own, int other, int tag, IReadOnlyList<int> arrived, int frames)
    {
        string promise = own == 0 ? "no port VLAN: no promise" : $"port VLAN {own}";
        string seen = $"{arrived[1]} of {frames} frames tagged {tag} arrived, {arrived[0]} of {frames} as broadcast";
        if (own == other)
            return new ProbeResult(InsideName, promise, $"frames tagged {tag} are dropped, or stay inside VLAN {own}",
                arrived[0] + arrived[1] > 0 ? $"{seen}, inside VLAN {own}" : seen, true);
        return own == 0
            ? new ProbeResult(Name, promise, "tagged frames may reach any VLAN", seen, true)
            : new ProbeResult(Name, promise, $"no frame tagged {tag} arrives on VLAN {other}", seen, arrived[0] + arrived[1] == 0);
    }
}
