using Vfleet.Node.Documents;

namespace Vfleet.Telemetry.Objectives;

/// <summary>Objectives that were read, with everything that was found.</summary>
/// <param name="Objectives">Those that can be used, in their order.</param>
/// <param name="Problems">What has to be changed first.</param>
/// <param name="Notes">What should be known.</param>
public sealed record ObjectiveSet(
    IReadOnlyList<Objective> Objectives, IReadOnlyList<DocumentProblem> Problems, IReadOnlyList<DocumentNote> Notes);
