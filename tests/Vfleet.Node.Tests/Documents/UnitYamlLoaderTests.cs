using System.Text;
using Vfleet.Node.Documents;

namespace Vfleet.Node.Tests.Documents;

public sealed class UnitYamlLoaderTests
{
    [Theory]
    [InlineData("spec: {a: [1, 2")]
    [InlineData("a: \"open")]
    [InlineData("a: b\n c: d: e")]
    [InlineData("a:\n\t- b")]
    [InlineData("a: @b")]
    [InlineData("a: [1, 2}}")]
    public void BrokenSyntaxIsAProblemWithItsPlace(string text)
    {
        DocumentProblem problem = Assert.Single(Samples.Read(text).Problems);
        Assert.StartsWith("no YAML: ", problem.Message, StringComparison.Ordinal);
        Assert.InRange(problem.Line, 1, 3);
        Assert.InRange(problem.Column, 1, 20);
    }

    [Fact]
    public void ABrokenDocumentHidesNoOther()
    {
        DocumentSet set = Samples.Read(Samples.PoolPolicy("a"), "kind: [\n",
            Samples.PoolPolicy("b").Replace("fast", "slow", StringComparison.Ordinal), "kind: \"\n");
        Assert.Equal(["a", "b"], set.Documents.Select(document => document.Metadata.Name));
        Assert.Equal(2, set.Problems.Count);
    }

    [Fact]
    public void PlacesCountFromTheBeginningOfTheFile()
    {
        DocumentProblem problem = Assert.Single(Samples.Read("# comment\n\n", Samples.PoolPolicy("a"), "# more\n",
            Samples.PoolPolicy("b", "prewarm: -1").Replace("fast", "slow", StringComparison.Ordinal)).Problems);
        Assert.Equal((17, 12), (problem.Line, problem.Column));
    }

    [Fact]
    public void AByteOrderMarkAndDirectivesAreNoTrouble() =>
        Assert.Empty(Samples.Read("\uFEFF%YAML 1.2\n# words\n---\n" + Samples.PoolPolicy("a")).Problems);

    [Fact]
    public void EmptyDocumentsAreNone()
    {
        DocumentSet set = Samples.Read("", "# only words\n", "\n", "...\n");
        Assert.Empty(set.Problems);
        Assert.Empty(set.Documents);
    }

    [Fact]
    public void AnAliasIsWhatItStandsFor()
    {
        DocumentSet set = Samples.Read("""
            apiVersion: vfleet.dev/v1alpha1
            kind: PoolPolicy
            metadata: {name: &name fast}
            spec: {resourceName: *name}
            """);
        Assert.Empty(set.Problems);
        Assert.Equal("fast", set.Documents[0].ResourceName);
    }

    [Fact]
    public void ABombOfAliasesIsRefused()
    {
        StringBuilder bomb = new("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++)
            bomb.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        Assert.Equal("more than 100000 values, with what aliases stand for", Assert.Single(Samples.Read(bomb.ToString()).Problems).Message);
    }

    [Theory]
    [InlineData("a: &a [*a]")]
    [InlineData("a: *nobody")]
    [InlineData("a: &b 1\n---\na: *b")]
    public void AnAliasOfWhatIsNotCompleteIsRefused(string text) =>
        Assert.Contains(Samples.Read(text).Problems,
            problem => problem.Message.Contains("stands for nothing that is complete before it", StringComparison.Ordinal));

    [Theory]
    [InlineData('[', 100)]
    [InlineData('[', 500_000)]
    [InlineData('{', 500_000)]
    public void DepthHasABound(char bracket, int depth) =>
        Assert.Equal("lists and objects are more than 64 deep",
            Assert.Single(Samples.Read("a: " + new string(bracket, depth)).Problems).Message);

    [Fact]
    public void HalfACharacterIsRefused() =>
        Assert.Equal("the text \"?\" holds half a character", Samples.Read("a: \uD800").Problems[0].Message);

    [Fact]
    public void SizeHasABound()
    {
        DocumentProblem problem = Assert.Single(Samples.Read(new string('#', YamlLoader.LargestText + 1)).Problems);
        Assert.Equal("the text has 1048577 characters, more than 1048576", problem.Message);
        Assert.Empty(Samples.Read(new string('#', YamlLoader.LargestText)).Problems);
    }

    [Fact]
    public void TheNumberOfValuesHasABound()
    {
        string text = string.Join("---\n", Enumerable.Repeat("[1, 2, 3, 4, 5, 6, 7, 8, 9]\n", 12_000));
        Assert.Contains(Samples.Read(text).Problems,
            problem => problem.Message.StartsWith("more than 100000 values", StringComparison.Ordinal));
    }
}
