using Vfleet.Node.Documents;

namespace Vfleet.Node.Tests.Documents;

public sealed class UnitDocumentWriterTests
{
    [Theory]
    [InlineData(Samples.FullPolicy)]
    [InlineData(Samples.FullNetwork)]
    [InlineData(Samples.FullPoolPolicy)]
    public void WhatIsWrittenReadsBackAsTheSame(string text)
    {
        Document document = Assert.Single(Samples.Read(text).Documents);
        string written = DocumentWriter.Write(document);
        DocumentSet again = Samples.Read(written);
        Assert.Empty(again.Problems);
        Assert.Empty(DocumentDiff.Of(document, Assert.Single(again.Documents)));
        Assert.Equal(written, DocumentWriter.Write(again.Documents[0]));
    }

    [Fact]
    public void EveryFieldIsWrittenInTheOrderOfItsTable()
    {
        Document document = Assert.Single(Samples.Read(Samples.FullPoolPolicy).Documents);
        Assert.Equal(Samples.FullPoolPolicy, DocumentWriter.Write(document));
    }

    [Fact]
    public void TextsThatYamlWouldReadOtherwiseAreQuoted()
    {
        string[] texts = ["on", "Yes", "null", "~", "", "1e3", "0x10", "- a", "a: b", "# a", "*a", "&a", "!a", "'", "\"", "a\nb", "a\n",
            " a ", "{", "\u00e4", "\t", "2026-01-01", "@", "\u2028", "\U0001F600"];
        PoolPolicy policy = new()
        {
            Metadata = new Metadata { Name = "a",
                Labels = texts.Select((text, i) => (text, i)).ToDictionary(pair => $"l{pair.i}", pair => pair.text) },
            Spec = new PoolPolicySpec { ResourceName = "true" },
        };
        Document again = Assert.Single(Samples.Read(DocumentWriter.Write(policy)).Documents);
        Assert.Empty(DocumentDiff.Of(policy, again));
        Assert.Equal(texts.Length, again.Metadata.Labels.Count);
    }

    [Fact]
    public void SeveralDocumentsAreOneText()
    {
        DocumentSet set = Samples.Read(Samples.FullPolicy, Samples.FullNetwork, Samples.FullPoolPolicy);
        Assert.Equal(set.Documents.Select(document => document.Label),
            Samples.Read(DocumentWriter.Write(set.Documents)).Documents.Select(document => document.Label));
    }

    [Fact]
    public void ADiffNamesFieldsWithOldAndNewValues()
    {
        Document before = Samples.Read(Samples.Policy("a", "{pfNames: [eth0, eth1]}", 4, "mtu: 1500",
            "nodeSelector: {kubernetes.io/os: linux}")).Documents[0];
        Document after = Samples.Read(Samples.Policy("a", "{pfNames: ['eth0#0-1']}", 8, "nodeSelector: {kubernetes.io/os: x}",
            "isRdma: true")).Documents[0];
        Assert.Equal(
            ["spec.nodeSelector[\"kubernetes.io/os\"]: \"linux\" -> \"x\"", "spec.mtu: 1500 -> -", "spec.numVfs: 4 -> 8",
             "spec.nicSelector.pfNames[0]: \"eth0\" -> \"eth0#0-1\"", "spec.nicSelector.pfNames[1]: \"eth1\" -> -",
                 "spec.isRdma: - -> true"],
            DocumentDiff.Of(before, after).Select(change => change.ToString()));
        Assert.Empty(DocumentDiff.Of(before, before));
    }

    [Fact]
    public void ANewDocumentIsAllItsFields() =>
        Assert.Equal(
            ["apiVersion: - -> \"vfleet.dev/v1alpha1\"", "kind: - -> \"PoolPolicy\"", "metadata.name: - -> \"a\"",
                "spec.resourceName: - -> \"fast\""],
            DocumentDiff.Of(null, Samples.Read(Samples.PoolPolicy("a")).Documents[0]).Select(change => change.ToString()));
}
