using Vfleet.Linux;

namespace Vfleet.Cli.Lab.Image;

/// <summary>The sources the lab fetches from: Debian's among the machine's own, and backports from the same mirrors.</summary>
/// <param name="Backports">The name of the backports suite.</param>
/// <param name="Stanzas">The whole, in deb822 form.</param>
internal sealed record DebianSources(string Backports, string Stanzas)
{
    /// <summary>Suite names by which a Debian release is also known; which of them means this release is the mirror's to say.</summary>
    private static readonly string[] Aliases = ["stable", "oldstable", "oldoldstable"];

    /// <summary>Picks the sources of the release and adds backports where the machine has none.</summary>
    internal static DebianSources Derive(IEnumerable<AptSource> configured, string codename)
    {
        string backports = $"{codename}-backports";
        List<AptSource> chosen = [];
        foreach (AptSource source in configured.Where(source => source.Components.Contains("main", StringComparer.Ordinal)))
        {
            string[] suites = [.. source.Suites.Where(suite => BelongsTo(suite, codename))];
            if (suites.Length > 0 && !source.Uris.Any(uri => uri.StartsWith("cdrom:", StringComparison.Ordinal)))
                chosen.Add(source with { Suites = suites });
        }

        AptSource? archive = chosen.FirstOrDefault(source => source.Suites.Contains(codename, StringComparer.Ordinal)
            || source.Suites.Intersect(Aliases, StringComparer.Ordinal).Any());
        if (archive is null)
            throw new LabException(Fault.NotFound($"apt has no source for Debian {codename} main", "add Debian's archive to /etc/apt/sources.list"));
        if (!chosen.Any(source => source.Suites.Contains(backports, StringComparer.Ordinal)))
            chosen.Add(archive with { Suites = [backports], Components = ["main"] });
        return new DebianSources(backports, string.Concat(chosen.Select(source => source.ToStanza())));
    }

    /// <summary>Reads the machine's sources and release below <paramref name="root"/>.</summary>
    internal static DebianSources OfMachine(string root = "/")
    {
        string apt = Path.Combine(root, "etc/apt");
        List<AptSource> sources = [];
        if (File.Exists(Path.Combine(apt, "sources.list")))
            sources.AddRange(AptSourceParser.ParseList(File.ReadAllText(Path.Combine(apt, "sources.list"))));
        string parts = Path.Combine(apt, "sources.list.d");
        string[] files = Directory.Exists(parts) ? Directory.GetFiles(parts) : [];
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            if (file.EndsWith(".list", StringComparison.Ordinal))
                sources.AddRange(AptSourceParser.ParseList(File.ReadAllText(file)));
            else if (file.EndsWith(".sources", StringComparison.Ordinal))
                sources.AddRange(AptSourceParser.ParseDeb822(File.ReadAllText(file)));
        }

        return Derive(sources, Codename(Path.Combine(root, "etc/os-release")));
    }

    private static bool BelongsTo(string suite, string codename) =>
        suite == codename || suite.StartsWith($"{codename}-", StringComparison.Ordinal)
        || Aliases.Any(alias => suite == alias || suite.StartsWith($"{alias}-", StringComparison.Ordinal));

    private static string Codename(string osRelease)
    {
        const string key = "VERSION_CODENAME=";
        string? line = File.Exists(osRelease)
            ? File.ReadLines(osRelease).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))
            : null;
        return line?[key.Length..].Trim('"') is { Length: > 0 } codename
            ? codename
            : throw new LabException(Fault.Unsupported("the lab is built from Debian's packages, and this is not Debian", $"no {key} in {osRelease}"));
    }
}
