using System.Globalization;
using System.Text.Json;
using Vfleet.Cni.Protocol;
using Vfleet.Linux.Route;

namespace Vfleet.Cni.Config;

/// <summary>
/// Reads the object <c>bond</c>. Source of its keys: github.com/k8snetworkplumbingwg/bond-cni, README.md; its links are chosen by the
/// ledger here.
/// </summary>
internal static class BondReader
{
    /// <summary>Longest part of CNI_IFNAME that is in its members' names, in bytes: a letter and a number follow.</summary>
    public const int LongestStem = 12;

    private static readonly string[] Modes =
        ["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"];

    /// <summary>The bond that is wanted; null where none is.</summary>
    public static BondSettings? Read(CniJson json, ref CniError? wrong)
    {
        if (json.Object("bond", ref wrong) is not { } bond)
            return null;
        string word = bond.Text("mode", ref wrong) is { Length: > 0 } given ? given : Modes[(int)BondMode.ActiveBackup];
        int mode = Array.IndexOf(Modes, word);
        if (mode < 0)
            wrong ??= CniJson.Wrong($"bond mode \"{word}\" is unknown", $"it is {string.Join(", ", Modes)}");
        // A VF that is not trusted keeps its address: by default the bond takes that of the member in use.
        byte failOverMac = (byte)(bond.Number("failOverMac", 0, 2, ref wrong) ?? 1);
        return new BondSettings((BondMode)Math.Max(mode, 0), Monitor(bond, ref wrong), failOverMac);
    }

    /// <summary>The bond plugin has a text here.</summary>
    private static uint Monitor(CniJson bond, ref CniError? wrong)
    {
        const uint Usual = 100;
        if (bond.Find("miimon") is not { ValueKind: JsonValueKind.String } text)
            return (uint?)bond.Number("miimon", 0, int.MaxValue, ref wrong) ?? Usual;
        if (int.TryParse(text.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds))
            return (uint)milliseconds;
        wrong ??= CniJson.Wrong($"bond miimon {text.GetRawText()} is no number of milliseconds");
        return Usual;
    }
}
