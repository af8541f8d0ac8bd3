namespace Vfleet.Cni.Protocol;

/// <summary>Names of networks and containers. Source: CNI SPEC 1.1.0, "name" and CNI_CONTAINERID.</summary>
internal static class CniName
{
    /// <summary>What they look like, for who gave another.</summary>
    public const string Rule = "it begins with a letter or digit; letters, digits, '_', '.' and '-' follow";

    /// <summary>True for a name that is allowed.</summary>
    public static bool IsGood(string name)
    {
        bool isGood = name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]);
        foreach (char c in name)
            isGood &= char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';
        return isGood;
    }
}
