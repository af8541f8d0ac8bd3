using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>Rules between documents: names, resources, and what several policies want of one PF.</summary>
internal static class SetChecks
{
    /// <summary>
    /// Adds every problem and note of the documents together. Documents with problems of their own count for their names only.
    /// </summary>
    public static void Check(IReadOnlyList<LocatedDocument> documents, List<DocumentProblem> problems, List<DocumentNote> notes)
    {
        CheckNames(documents, problems);
        CheckResources(documents, notes);
        LocatedDocument[] whole = [.. documents.Where(located => located.IsWhole)];
        CheckPoolPolicies(whole, problems);
        CheckDrivers(whole, problems);
        CheckPfs(whole, problems, notes);
    }

    private static void CheckNames(IReadOnlyList<LocatedDocument> documents, List<DocumentProblem> problems)
    {
        Dictionary<string, LocatedDocument> first = new(StringComparer.Ordinal);
        foreach (LocatedDocument located in documents.Where(located => located.Document.Metadata.Name.Length > 0))
        {
            if (!first.TryAdd(located.Document.Label, located))
                problems.Add(located.Problem("metadata.name",
                    $"{located.Document.Label} is there twice, first at {first[located.Document.Label].Where}",
                    "remove one of them, or give it another name"));
        }
    }

    private static void CheckResources(IReadOnlyList<LocatedDocument> documents, List<DocumentNote> notes)
    {
        HashSet<string> resources = new(StringComparer.Ordinal);
        foreach (LocatedDocument policy in documents.Where(located => located.Document is NodePolicy))
            resources.Add(policy.Document.ResourceName);
        foreach (LocatedDocument located in documents)
        {
            string resource = located.Document.ResourceName;
            if (located.Document is NodePolicy || resource.Length == 0 || resources.Contains(resource))
                continue;
            string hint = Nearest.Of(resource, resources) is { } near ? $"; did you mean {near}?" : "";
            notes.Add(located.Note(NoteKind.Warning, "spec.resourceName",
                $"{located.Document.Label}: no policy here makes resource {resource}{hint}"));
        }
    }

    private static void CheckPoolPolicies(IReadOnlyList<LocatedDocument> documents, List<DocumentProblem> problems)
    {
        Dictionary<string, LocatedDocument> first = new(StringComparer.Ordinal);
        foreach (LocatedDocument located in documents.Where(located => located.Document is PoolPolicy))
        {
            if (!first.TryAdd(located.Document.ResourceName, located)
                && first[located.Document.ResourceName].Document.Label != located.Document.Label)
                problems.Add(located.Problem("spec.resourceName",
                    $"{located.Document.Label}: resource {located.Document.ResourceName} has a PoolPolicy already, "
                    + $"{first[located.Document.ResourceName].Document.Label}", "write its rules into one document"));
        }
    }

    private static void CheckDrivers(IReadOnlyList<LocatedDocument> documents, List<DocumentProblem> problems)
    {
        Dictionary<string, NodePolicy> first = new(StringComparer.Ordinal);
        foreach (LocatedDocument located in documents)
        {
            if (located.Document is not NodePolicy policy || first.TryAdd(policy.ResourceName, policy))
                continue;
            NodePolicy other = first[policy.ResourceName];
            if (PfSelection.DriverOf(policy.Spec) != PfSelection.DriverOf(other.Spec))
                problems.Add(located.Problem("spec.deviceType",
                    $"{policy.Label}: resource {policy.ResourceName} is on another driver in {other.Label}, and a pool has one",
                    "write the same deviceType in both, or give one of them another resourceName"));
        }
    }

    private static void CheckPfs(IReadOnlyList<LocatedDocument> documents, List<DocumentProblem> problems, List<DocumentNote> notes)
    {
        Dictionary<string, LocatedDocument> byPolicy = new(StringComparer.Ordinal);
        Dictionary<string, List<PfWish>> byPf = new(StringComparer.Ordinal);
        foreach (LocatedDocument located in documents)
        {
            if (located.Document is not NodePolicy policy || !byPolicy.TryAdd(policy.Metadata.Name, located))
                continue;
            PfSelection selection = PfSelection.Of(policy);
            NicSelector selector = policy.Spec.NicSelector;
            IReadOnlyList<PfPart> parts = selector.PfNames.Count > 0 ? selector.PfNames : selector.RootDevices;
            foreach (IGrouping<string, PfPart> pf in parts.GroupBy(part => part.Pf, StringComparer.Ordinal))
            {
                if (!byPf.TryGetValue(pf.Key, out List<PfWish>? wishes))
                    byPf[pf.Key] = wishes = [];
                wishes.Add(PfWish.Of(selection, [.. pf]));
            }
        }

        foreach ((string pf, List<PfWish> wishes) in byPf.Where(pf => pf.Value.Count > 1))
        {
            foreach (MergeFinding finding in PfMerge.Of(pf, wishes, totalVfs: null).Findings)
            {
                LocatedDocument located = byPolicy[finding.Policy];
                string path = located.Places.ContainsKey(finding.Field) ? finding.Field : "spec.nicSelector";
                if (finding.IsProblem)
                    problems.Add(located.Problem(path, finding.Message, finding.Remedy));
                else
                    notes.Add(located.Note(NoteKind.Resolved, path, finding.Message));
            }
        }
    }
}
