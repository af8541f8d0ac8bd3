namespace Vfleet.Cni.Protocol;

/// <summary>Versions of the CNI specification that results can be written for.</summary>
internal static class CniVersion
{
    /// <summary>The newest.</summary>
    public const string Newest = "1.1.0";

    /// <summary>All, oldest first.</summary>
    public static IReadOnlyList<string> All { get; } = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", Newest];

    /// <summary>True where <paramref name="version"/> is <paramref name="least"/> or newer; both are of <see cref="All"/>.</summary>
    public static bool IsAtLeast(string version, string least) => Place(version) >= Place(least);

    /// <summary>Refuses a command that a version does not have; null where it has it.</summary>
    public static CniError? CheckCommand(string command, string version, string since) => IsAtLeast(version, since)
        ? null
        : new CniError(CniCode.IncompatibleVersion, $"{command} does not exist in cniVersion {version}", $"it came with {since}");

    /// <summary>Refuses a version that is unknown. A configuration without one means 0.1.0.</summary>
    public static CniError? Check(string version) => Place(version) >= 0
        ? null
        : new CniError(
            CniCode.IncompatibleVersion, $"cniVersion \"{version}\" is not supported", $"supported are {string.Join(", ", All)}");

    private static int Place(string version)
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i] == version)
                return i;
        }
        return -1;
    }
}
