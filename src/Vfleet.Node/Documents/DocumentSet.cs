namespace Vfleet.Node.Documents;

/// <summary>Documents that were read together, with everything there is to say about them.</summary>
public sealed record DocumentSet
{
    /// <summary>The documents without problems of their own, in the order they were read.</summary>
    public required IReadOnlyList<Document> Documents { get; init; }

    /// <summary>Everything that has to be changed; empty where the documents can be used.</summary>
    public required IReadOnlyList<DocumentProblem> Problems { get; init; }

    /// <summary>Everything that should be known.</summary>
    public required IReadOnlyList<DocumentNote> Notes { get; init; }

    /// <summary>All problems as one fault; null where there are none.</summary>
    public Fault? Fault => Problems.Count == 0 ? null : Fault.Usage(
        Problems.Count == 1 ? (Problems[0] with { Remedy = null }).ToString()
            : $"{Problems.Count} problems in the documents:\n{string.Join('\n', Problems)}",
        Problems.Count == 1 ? Problems[0].Remedy : "correct them; nothing was changed");
}
