using System.Text.RegularExpressions;

namespace Vfleet.Tidy.Tests;

/// <summary>Nothing of one developer's machine or network is in the repository.</summary>
public sealed partial class TidyPlacesTests
{
    /// <summary>Public places that a reader can open. Everything else may be somebody's mirror, feed or proxy.</summary>
    private static readonly string[] Public =
    [
        "datatracker.ietf.org", "docs.kernel.org", "dot.net", "git.kernel.org", "github.com", "json-schema.org", "keepachangelog.com", "kernel.org",
        "learn.microsoft.com", "lore.kernel.org", "man7.org", "pci-ids.ucw.cz", "pcisig.com", "semver.org", "www.apache.org", "www.kernel.org",
        "www.rfc-editor.org", "www.w3.org",
    ];

    // Put together, so that this file does not break its own rule.
    private static readonly Regex Machine = new($"(?<![\\w.-])(/wo{"rk"}/|/tmp/v{"f"}/)", RegexOptions.Compiled);

    [Fact]
    public void No_path_of_a_developers_machine_is_written_down() =>
        Repository.Expect(
            from file in Repository.Files
            from Match match in Machine.Matches(file.Text)
            select $"{file.At(match.Index)}: {match.Value}",
            "A path of one machine means nothing on another. Take it from the environment, or leave it out:");

    [Fact]
    public void No_mirror_or_registry_is_written_down() =>
        Repository.Expect(
            from file in Repository.Files
            from Match match in Address().Matches(file.Text)
            let host = match.Groups["host"].Value
            where !Public.Contains(host) && !IsExample(host)
            select $"{file.At(match.Index)}: {host}",
            "Packages come from the sources a machine is configured with; a mirror, feed or proxy written down here would be used, or leak, elsewhere. "
            + "A public page that a reader can open is added to the list in TidyPlacesTests:");

    /// <summary>Names that are reserved for examples (RFC 2606), this machine, and names made from variables.</summary>
    private static bool IsExample(string host) =>
        host is "localhost" or "127.0.0.1" or "example.com" or "example.org" || host.EndsWith(".example", StringComparison.Ordinal)
        || host.EndsWith(".example.com", StringComparison.Ordinal) || host.EndsWith(".example.org", StringComparison.Ordinal)
        || host.EndsWith(".invalid", StringComparison.Ordinal) || host.EndsWith(".test", StringComparison.Ordinal);

    [GeneratedRegex(@"\b(https?|ftp)://(?<host>[A-Za-z0-9][A-Za-z0-9.-]*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}
