using System.Globalization;
using Vfleet.Linux;

namespace Vfleet.Host.Preflight;

/// <summary>Whether this process may change anything: its user, its capabilities, its user namespace.</summary>
internal static class PrivilegeCheck
{
    private const string Check = "privileges";
    private const string Remedy = "run as root (sudo), or give the service AmbientCapabilities=CAP_NET_ADMIN CAP_SYS_ADMIN CAP_DAC_OVERRIDE";

    // Source: include/uapi/linux/capability.h.
    private static readonly (int Bit, string Name)[] Needed = [(12, "CAP_NET_ADMIN"), (21, "CAP_SYS_ADMIN")];
    private const int DacOverrideBit = 1;

    public static IEnumerable<PreflightFinding> Find(IFileTree files)
    {
        if (files.ReadText("/proc/self/status").Or(null) is not { } status || Effective(status) is not { } capabilities)
            yield break;
        bool isRoot = EffectiveUser(status) == "0";
        string[] missing = [.. Needed.Where(one => (capabilities >> one.Bit & 1) == 0).Select(one => one.Name)];
        if (missing.Length > 0)
        {
            yield return PreflightFinding.Blocked(PreflightFinding.Machine, Check, $"this process lacks {string.Join(" and ", missing)}: it can read, and change nothing",
                isRoot ? "it runs as root without them, as in a container" : $"it runs as user {EffectiveUser(status)}, not as root", Remedy);
        }
        else if (!isRoot && (capabilities >> DacOverrideBit & 1) == 0)
        {
            yield return PreflightFinding.Blocked(PreflightFinding.Machine, Check, "this process may not write the kernel's files: it cannot create VFs or change drivers",
                $"they belong to root, and user {EffectiveUser(status)} lacks CAP_DAC_OVERRIDE", Remedy);
        }
        else if (files.ReadText("/proc/self/uid_map").Or(null) is { } map && !IsWholeMap(map))
        {
            yield return PreflightFinding.Blocked(PreflightFinding.Machine, Check, "this process is root of a user namespace only",
                "the kernel asks for capabilities in its first user namespace where devices are concerned", "run it outside of the container, or in a privileged one");
        }
        else
        {
            yield return PreflightFinding.Ok(PreflightFinding.Machine, Check, isRoot ? "root with every capability it needs" : "every capability it needs");
        }
    }

    private static ulong? Effective(string status) =>
        ulong.TryParse(Field(status, "CapEff:"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits) ? bits : null;

    private static string? EffectiveUser(string status) =>
        Field(status, "Uid:")?.Split('\t', StringSplitOptions.RemoveEmptyEntries) is { Length: > 1 } ids ? ids[1] : null;

    private static string? Field(string status, string name) =>
        status.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();

    // The first user namespace maps all 2^32 - 1 users onto themselves.
    private static bool IsWholeMap(string map) => map.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries) is ["0", "0", "4294967295"];
}
