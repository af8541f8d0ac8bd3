using System.Globalization;
using System.Text;
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
    /// <summary>Bytes of an interface's name before the letter and the number of a member.</summary>
    private const int LongestStem = 12;

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

    /// <summary>
    /// What its members' names begin with; a number follows. Of a name that is too long for that the beginning and a checksum of the whole
    /// are taken (FNV-1a, folded to 16 bits), so that bonds whose long names begin alike have other members.
    /// </summary>
    public static string MembersOf(string interfaceName)
    {
        const int Kept = LongestStem - 4;
        if (Encoding.UTF8.GetByteCount(interfaceName) <= LongestStem)
            return $"{interfaceName}p";
        uint hash = 2166136261;
        foreach (byte each in Encoding.UTF8.GetBytes(interfaceName))
            hash = unchecked((hash ^ each) * 16777619);
        string stem = "";
        foreach (Rune rune in interfaceName.EnumerateRunes().TakeWhile(rune => Encoding.UTF8.GetByteCount($"{stem}{rune}") <= Kept))
            stem += rune.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{stem}{(hash >> 16) ^ (hash & 0xFFFF):x4}p");
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
