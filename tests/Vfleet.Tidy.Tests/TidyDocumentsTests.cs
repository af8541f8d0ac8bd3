using System.Text.RegularExpressions;

namespace Vfleet.Tidy.Tests;

/// <summary>Documents say what is there.</summary>
public sealed partial class TidyDocumentsTests
{
    private static IEnumerable<RepositoryFile> Documents => Repository.Files.Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void Relative_links_resolve()
    {
        List<string> offenders = [];
        foreach (RepositoryFile document in Documents)
        {
            foreach (Match link in Link().Matches(CodeBlock().Replace(document.Text, "")))
            {
                string target = link.Groups["target"].Value;
                if (!target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal) && !Resolves(document, target))
                    offenders.Add($"{document.Path}: {target}");
            }
        }

        Repository.Expect(offenders, "A link in a document leads to a file, and to a heading where it names one. Broken:");
    }

    [Fact]
    public void Every_package_has_its_reason()
    {
        string reasons = Repository.Text("docs/dependencies.md");
        Repository.Expect(
            Package().Matches(Repository.Text("Directory.Packages.props")).Select(match => match.Groups["name"].Value)
                .Where(name => !reasons.Contains(name, StringComparison.Ordinal)),
            "docs/dependencies.md gives the reason for each package. Missing there:");
    }

    [Fact]
    public void Every_decision_is_listed()
    {
        string list = Repository.Text("docs/decisions/README.md");
        Repository.Expect(
            Documents.Select(file => file.Path).Where(path => DecisionPath().IsMatch(path) && !list.Contains(Path.GetFileName(path), StringComparison.Ordinal)),
            "docs/decisions/README.md lists the decisions. Missing there:");
    }

    private static bool Resolves(RepositoryFile document, string target)
    {
        string[] parts = target.Split('#', 2);
        string folder = Path.GetDirectoryName(document.FullPath)!;
        string path = parts[0].Length == 0 ? document.FullPath : Path.GetFullPath(Path.Combine(folder, parts[0]));
        if (!Path.Exists(path))
            return false;
        return parts.Length == 1 || (File.Exists(path) && Headings(File.ReadAllText(path)).Contains(parts[1]));
    }

    /// <summary>Headings as their anchors: lower case, spaces as dashes, punctuation gone.</summary>
    private static IEnumerable<string> Headings(string markdown) =>
        Heading().Matches(CodeBlock().Replace(markdown, "")).Select(match =>
            NotInAnchor().Replace(match.Groups["text"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^#+\s+(?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex("""PackageVersion\s+Include="(?<name>[^"]+)""")]
    private static partial Regex Package();

    [GeneratedRegex(@"^docs/decisions/\d{4}-[a-z0-9-]+\.md$")]
    private static partial Regex DecisionPath();
}
