using System.Text.RegularExpressions;

namespace Vfleet.Tidy.Tests;

/// <summary>SPECIFICATION.md: every promise has a number and a proof that exists, or says that it has none and why.</summary>
public sealed partial class TidySpecificationTests
{
    private static readonly Match[] Promises = [.. Row().Matches(Repository.Text("SPECIFICATION.md")).Cast<Match>()];

    [Fact]
    public void Promises_are_numbered_without_gaps() =>
        Assert.Equal(Enumerable.Range(1, Promises.Length), Promises.Select(row => int.Parse(row.Groups["number"].Value, null)));

    [Fact]
    public void Every_promise_has_a_proof_or_says_why_not()
    {
        Assert.NotEmpty(Promises);
        Repository.Expect(
            from row in Promises
            let proof = row.Groups["proof"].Value
            where !TestName().IsMatch(proof) && !Measured().IsMatch(proof) && !Unproven().IsMatch(proof)
            select $"P{row.Groups["number"].Value}: {proof}",
            "A promise names the tests that prove it as `Class.Method`, or a measured row as BENCH: Sn, or says UNPROVEN: and the reason. None in:");
    }

    [Fact]
    public void Named_measurements_were_made()
    {
        string[] rows = Repository.Text("docs/performance.md").Split('\n');
        Repository.Expect(
            from row in Promises
            from Match measured in Measured().Matches(row.Groups["proof"].Value)
            let start = $"| {measured.Groups["row"].Value} |"
            where !rows.Any(line => line.StartsWith(start, StringComparison.Ordinal) && !line.Contains("not measured yet", StringComparison.Ordinal))
            select $"P{row.Groups["number"].Value}: {measured.Value}",
            "BENCH: Sn names a row of docs/performance.md that holds a measured value. Not there, or not measured:");
    }

    [Fact]
    public void Named_tests_exist() =>
        Repository.Expect(
            from row in Promises
            from Match test in TestName().Matches(row.Groups["proof"].Value)
            where !TestClass.Exists(test.Groups["class"].Value, test.Groups["method"].Value)
            select $"P{row.Groups["number"].Value}: {test.Value}",
            "SPECIFICATION.md names tests that are in the source tree. Renamed or gone:");

    [GeneratedRegex(@"^\| P(?<number>\d+) \| (?<promise>.+?) \| (?<proof>.+?) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<class>\w+)\.(?<method>\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\bBENCH: (?<row>S\d+)\b")]
    private static partial Regex Measured();

    [GeneratedRegex(@"\bUNPROVEN: \S+")]
    private static partial Regex Unproven();
}
