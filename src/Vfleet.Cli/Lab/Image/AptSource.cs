namespace Vfleet.Cli.Lab.Image;

/// <summary>One place that apt fetches packages from, as the machine's own configuration names it.</summary>
/// <param name="Uris">The mirrors.</param>
/// <param name="Suites">The suites there: <c>bookworm</c>, <c>bookworm-updates</c>.</param>
/// <param name="Components"><c>main</c>, <c>contrib</c>.</param>
/// <param name="Options">The remaining fields of the deb822 form (<c>Signed-By</c>, <c>Trusted</c>), continuation lines included.</param>
internal sealed record AptSource(
    IReadOnlyList<string> Uris,
    IReadOnlyList<string> Suites,
    IReadOnlyList<string> Components,
    IReadOnlyList<KeyValuePair<string, string>> Options)
{
    /// <summary>The deb822 stanza, with an empty line at its end.</summary>
    internal string ToStanza()
    {
        List<string> lines =
        [
            "Types: deb",
            $"URIs: {string.Join(' ', Uris)}",
            $"Suites: {string.Join(' ', Suites)}",
            $"Components: {string.Join(' ', Components)}",
            .. Options.Select(option => $"{option.Key}: {option.Value}"),
        ];
        return string.Join('\n', lines) + "\n\n";
    }
}
