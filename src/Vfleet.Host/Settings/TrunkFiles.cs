using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Settings;

/// <summary>VLAN trunks, which only some vendors' own drivers have, as a file per VF below the PF's sysfs directory.</summary>
internal static class TrunkFiles
{
    /// <summary>The trunk in the file's own words, empty for none; null where the driver has no such file.</summary>
    public static string? Read(IFileTree files, VirtualFunction vf) => files.ReadText(PathOf(vf)).Or(null)?.Trim();

    /// <summary>Makes the trunk what is wanted. Equivalent to <c>echo rem OLD; echo add NEW &gt; /sys/class/net/PF/device/sriov/N/trunk</c>.</summary>
    /// <param name="files">The kernel's files.</param>
    /// <param name="vf">The VF.</param>
    /// <param name="trunk">The wish.</param>
    /// <param name="isGivenUp">Asked when it is done: true where nobody waits any more, and the trunk is put back for that.</param>
    /// <returns>A refusal, with the trunk as it was.</returns>
    public static Outcome<Unit> Write(IFileTree files, VirtualFunction vf, VlanTrunk trunk, Func<bool> isGivenUp)
    {
        if (!files.Exists(PathOf(vf)))
            return DriverLimits.Cannot(vf.Pf.Driver, "a VLAN trunk", vf.Label);
        string before = Read(files, vf) ?? "";
        Outcome<Unit> written = Replace(files, vf, trunk);
        if (written.Fault is null && isGivenUp())
            return Restore(files, vf, before);
        // What was there is taken away before the new is added.
        if (written.Fault is { } failed && Restore(files, vf, before).Fault is { } stuck)
            return failed with { Cause = $"{failed.Cause ?? failed.Error}; and the trunk '{before}' did not come back: {stuck.Error}" };
        return written;
    }

    /// <summary>Puts back what <see cref="Read"/> told.</summary>
    public static Outcome<Unit> Restore(IFileTree files, VirtualFunction vf, string before) =>
        Read(files, vf) == before ? Unit.Done : Replace(files, vf, VlanTrunk.TryParse(before.Split(':')[^1].Trim(), out VlanTrunk? old) ? old : null);

    private static Outcome<Unit> Replace(IFileTree files, VirtualFunction vf, VlanTrunk? wanted)
    {
        // Some drivers write a title before the list ("Allowed 802.1Q VLANs: 2-5").
        string text = Read(files, vf)?.Split(':')[^1].Trim() ?? "";
        if (!VlanTrunk.TryParse(text, out VlanTrunk? now) && text.Length > 0)
            return Fault.Unsupported($"{vf.Label}: its VLAN trunk cannot be read", $"{PathOf(vf)} says '{text}'", "set the trunk by hand", vf.Label);
        IEnumerable<string> lines = (now is null ? [] : Lines(vf, "rem", now)).Concat(wanted is null ? [] : Lines(vf, "add", wanted));
        foreach (string line in lines)
        {
            Outcome<Unit> written = files.WriteText(PathOf(vf), line);
            if (written.Fault is not null)
                return written.Fault with { Error = $"{vf.Label}: {written.Fault.Error}", Target = vf.Label };
        }
        return Unit.Done;
    }

    /// <summary>NVIDIA's driver takes the two ends of one range a line, Intel's a list.</summary>
    private static IEnumerable<string> Lines(VirtualFunction vf, string verb, VlanTrunk trunk) => vf.Pf.Driver == "mlx5_core"
        ? trunk.Ranges.Select(range => string.Create(CultureInfo.InvariantCulture, $"{verb} {range.First} {range.Last}"))
        : [$"{verb} {trunk}"];

    private static string PathOf(VirtualFunction vf) => $"{vf.Pf.SysfsPath}/sriov/{vf.Index}/trunk";
}
