using System.Diagnostics;
using System.Text;
using Vfleet.Linux;
using Vfleet.Node.Documents;

namespace Vfleet.Node.Tests.Documents;

/// <summary>Whatever a text holds, it is problems or a result.</summary>
public sealed class UnitDocumentFuzzTests
{
    private const int Rounds = 20_000;

    private static readonly string[] Seeds =
    [
        Samples.FullPolicy, Samples.FullNetwork, Samples.FullPoolPolicy,
            Samples.FullPolicy + "---\n" + Samples.FullPoolPolicy + "---\n" + Samples.FullNetwork,
        Samples.Policy("a", "{pfNames: ['eth0#0-3', eth1]}", 8) + "---\n" + Samples.Policy("b", "{pfNames: ['eth0#4-7'], vendor: '8086'}",
            8, "priority: 1"),
        """{"resourceList": [{"resourceName": "a", "selectors": [{"vendors": ["8086"], "pfNames": ["eth0#1-2"]}, {"isRdma": true}]}]}""",
    ];

    private static readonly string[] Words =
    [
        "---\n", "...\n", "- ", ": ", "? ", "{", "}", "[", "]", ",", "&a ", "*a", "!!str ", "!<x> ", "|\n", ">-\n", "\"", "'", "#",
            "%YAML 1.1\n", "\t", "\r\n", "\r", "\0",
        "\uFEFF", "\u0085", "\u2028", "\uD800",
            "<<: *a\n", "null", "~", "true", "on", "-1", "0", "99999999999999999999", "1e400", "eth0#0-65534",
            "\\x", "\\U00110000", "@", "`",
        "spec:\n", "items:\n", "kind: List\n", "apiVersion: v1\n", "vfleet.dev/provision: max\n", "  ", "\n",
    ];

    [Fact]
    public void MutatedDocumentsAreProblemsOrAResult()
    {
        int seed = Environment.TickCount;
        Fuzz(seed, Rounds / 2);
        Fuzz(20261125, Rounds / 2);
    }

    /// <summary>A key on one line has 1024 characters at most in YAML, escapes counted as they are written.</summary>
    [Theory]
    [InlineData(101)]
    [InlineData(300)]
    public void LongKeyThatHasToBeEscapedIsReadAgain(int length)
    {
        string key = string.Concat(Enumerable.Repeat("\\x01", length));
        Assert.True(Try(Samples.FullPolicy.Replace("two: \"2\"", $"? \"{key}\" : \"2\"", StringComparison.Ordinal)));
    }

    private static void Fuzz(int seed, int rounds)
    {
        Random random = new(seed);
        int results = 0;
        int refused = 0;
        for (int round = 0; round < rounds; round++)
        {
            string text = Mutate(Seeds[random.Next(Seeds.Length)], random);
            Stopwatch watch = Stopwatch.StartNew();
            try
            {
                if (Try(text))
                    results++;
                else
                    refused++;
            }
            catch (Exception defect)
            {
                Assert.Fail($"seed {seed}, round {round}: {defect}\n{text}");
            }

            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"seed {seed}, round {round}: {watch.Elapsed}\n{text}");
        }

        // A fuzzer that only ever breaks the syntax tests nothing behind it.
        Assert.True(results > rounds / 100 && refused > rounds / 100, $"{results} results and {refused} refusals of {rounds}");
    }

    private static bool Try(string text)
    {
        DevicePluginConfig config = DevicePluginConfig.Read("config.json", text);
        Assert.All(config.Problems, problem => Assert.NotEmpty(problem.Message));
        DocumentSet set = DocumentReader.Read([("fuzz.yaml", text)]);
        Assert.All(set.Problems, problem => Assert.NotEmpty(problem.Message));
        foreach (Document document in set.Documents)
        {
            string written = DocumentWriter.Write(document);
            DocumentSet again = DocumentReader.Read([("again.yaml", written)]);
            Assert.Empty(again.Problems);
            Assert.Empty(DocumentDiff.Of(document, Assert.Single(again.Documents)));
        }

        Outcome<DesiredState> state = DesiredState.Of(set);
        if (state.Succeeded)
            Assert.Empty(state.Value.On([]).Pfs);
        return state.Succeeded && set.Documents.Count > 0;
    }

    private static string Mutate(string seed, Random random)
    {
        StringBuilder text = new(seed);
        for (int times = random.Next(1, 4); times > 0 && text.Length > 0; times--)
        {
            int at = random.Next(text.Length);
            int length = Math.Min(random.Next(1, 40), text.Length - at);
            switch (random.Next(8))
            {
                case 0:
                    text[at] = (char)random.Next(32, 127);
                    break;
                case 1:
                    text[at] = (char)random.Next(0x10000);
                    break;
                case 2:
                    text.Insert(at, Words[random.Next(Words.Length)]);
                    break;
                case 3:
                    text.Insert(at, string.Concat(Enumerable.Repeat(Words[random.Next(Words.Length)], random.Next(1, 200))));
                    break;
                case 4:
                    text.Remove(at, length);
                    break;
                case 5:
                    text.Length = at;
                    break;
                case 6:
                    text.Insert(random.Next(text.Length), text.ToString(at, length));
                    break;
                default:
                    MoveLine(text, random);
                    break;
            }
        }

        return text.ToString();
    }

    private static void MoveLine(StringBuilder text, Random random)
    {
        List<string> lines = [.. text.ToString().Split('\n')];
        string line = lines[random.Next(lines.Count)];
        lines.Insert(random.Next(lines.Count), line);
        lines.RemoveAt(random.Next(lines.Count));
        text.Clear().AppendJoin('\n', lines);
    }
}
