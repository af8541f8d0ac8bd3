using Vfleet.Node.Documents;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Plans;

/// <summary>Documents that come or go, and all there are afterwards.</summary>
public sealed record DocumentUpdate
{
    /// <summary>Documents that were given, in their order, and those that are removed.</summary>
    public required IReadOnlyList<DocumentDelta> Deltas { get; init; }

    /// <summary>Everything that has to be changed, in all texts; empty where the documents can be used.</summary>
    public required IReadOnlyList<DocumentProblem> Problems { get; init; }

    /// <summary>Everything that should be known.</summary>
    public required IReadOnlyList<DocumentNote> Notes { get; init; }

    /// <summary>The documents there are afterwards, without device plugins' configurations.</summary>
    internal DocumentSet After { get; init; } = new() { Documents = [], Problems = [], Notes = [] };

    /// <summary>Names of the pools that device plugins' configurations define afterwards.</summary>
    internal IReadOnlyList<string> ConfiguredPools { get; init; } = [];

    /// <summary>True where the ledger's documents are these already.</summary>
    public bool IsEmpty => Deltas.All(delta => delta.Verb == DocumentVerb.Unchanged);

    /// <summary>All problems as one fault; null where there are none.</summary>
    public Fault? Fault => new DocumentSet { Documents = [], Problems = Problems, Notes = [] }.Fault;

    /// <summary>Reads documents that are to be applied, beside those that are.</summary>
    /// <param name="texts">The texts with the names of their sources.</param>
    /// <param name="applied">What the ledger has.</param>
    public static DocumentUpdate Of(IReadOnlyList<(string Source, string Text)> texts, IReadOnlyList<LedgerDocument> applied)
    {
        (string Source, string Text)[] configs = [.. texts.Where(text => DevicePluginFile.Is(text.Text))];
        (string Source, string Text)[] documents = [.. texts.Where(text => !configs.Contains(text))];
        List<DocumentProblem> problems = [];
        List<DocumentNote> notes = [];
        List<KeptDocument> given = [];
        DocumentSet alone = DocumentReader.Read(documents);
        problems.AddRange(alone.Problems);
        foreach (Document document in alone.Documents)
            given.Add(new KeptDocument(document.Kind, document.Metadata.Name, DocumentWriter.Write(document)));
        foreach ((string source, string text) in configs)
            given.Add(DevicePluginFile.Read(source, text, given, problems, notes));
        if (problems.Count > 0)
            return new DocumentUpdate { Deltas = [], Problems = problems, Notes = [.. alone.Notes, .. notes] };
        HashSet<string> replaced = [.. given.Select(document => document.Label)];
        KeptDocument[] kept = [.. Kept(applied).Where(document => !replaced.Contains(document.Label))];
        // Read again together: documents that are applied already may contradict the new ones.
        DocumentSet all = DocumentReader.Read([.. documents, .. kept.Where(IsDocument).Select(each => (each.Label, each.Text))]);
        Dictionary<string, KeptDocument> before = Kept(applied).ToDictionary(document => document.Label, StringComparer.Ordinal);
        return new DocumentUpdate
        {
            Deltas = [.. given.Select(after => DocumentDelta.Of(before.GetValueOrDefault(after.Label), after))],
            Problems = all.Problems,
            Notes = [.. all.Notes.Where(note => documents.Any(text => text.Source == note.Source)), .. notes],
            After = all,
            ConfiguredPools = PoolsOf([.. given, .. kept]),
        };
    }

    /// <summary>Forgets documents.</summary>
    /// <param name="labels">The documents, as <see cref="KeptDocument.Label"/> names them.</param>
    /// <param name="applied">What the ledger has.</param>
    public static DocumentUpdate Without(IReadOnlyCollection<string> labels, IReadOnlyList<LedgerDocument> applied)
    {
        KeptDocument[] gone = [.. Kept(applied).Where(document => labels.Contains(document.Label))];
        KeptDocument[] kept = [.. Kept(applied).Except(gone)];
        DocumentSet all = DocumentReader.Read([.. kept.Where(IsDocument).Select(document => (document.Label, document.Text))]);
        return new DocumentUpdate
        {
            Deltas = [.. gone.Select(before => DocumentDelta.Of(before, null))],
            Problems = all.Problems,
            Notes = [],
            After = all,
            ConfiguredPools = PoolsOf(kept),
        };
    }

    /// <summary>The ledger's documents.</summary>
    public static IEnumerable<KeptDocument> Kept(IReadOnlyList<LedgerDocument> applied) =>
        applied.Select(document => new KeptDocument(document.Kind, document.Name, document.Text));

    private static bool IsDocument(KeptDocument document) => document.Kind != NodeDefinitions.DevicePluginKind;

    private static string[] PoolsOf(IReadOnlyList<KeptDocument> documents) =>
    [
        .. documents.Where(document => !IsDocument(document))
            .SelectMany(config => DevicePluginConfig.Read(config.Name, config.Text).Pools).Select(pool => pool.Name).Distinct(),
    ];
}
