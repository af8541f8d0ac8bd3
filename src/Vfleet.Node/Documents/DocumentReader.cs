namespace Vfleet.Node.Documents;

/// <summary>Reads documents from YAML or JSON, several to a text, and tells of every problem in all of them at once.</summary>
public static class DocumentReader
{
    /// <summary>Reads texts with the names of their sources. The documents are checked one by one and against each other.</summary>
    public static DocumentSet Read(IEnumerable<(string Source, string Text)> texts)
    {
        List<LocatedDocument> documents = [];
        List<DocumentProblem> problems = [];
        List<DocumentNote> notes = [];
        foreach ((string source, string text) in texts)
        {
            Reading reading = new(source);
            foreach (DocumentNode node in YamlLoader.Load(text, reading))
                ReadDocument(node, reading, documents);
            problems.AddRange(reading.Problems);
            notes.AddRange(reading.Notes);
        }

        SetChecks.Check(documents, problems, notes);
        return new DocumentSet
        {
            Documents = [.. documents.Where(located => located.IsWhole).Select(located => located.Document)],
            Problems = problems,
            Notes = notes,
        };
    }

    private static void ReadDocument(DocumentNode node, Reading reading, List<LocatedDocument> documents)
    {
        if (node is not MapNode map)
        {
            reading.Problem(node, $"a document was expected, and here is {node.Describe()}",
                "begin with apiVersion, kind, metadata and spec");
            return;
        }

        string kindName = (map.Find("kind") as ScalarNode)?.Value ?? "";
        if (kindName.EndsWith("List", StringComparison.Ordinal) && map.Find("items") is ListNode list)
        {
            // As kubectl get -o yaml prints several.
            foreach (DocumentNode item in list.Items)
                ReadDocument(item, reading, documents);
            return;
        }

        if (FindKind(map, kindName, reading) is not { } kind)
            return;
        reading.BeginDocument();
        int before = reading.Problems.Count;
        if (kind.Read(map, reading) is { } document)
            documents.Add(new LocatedDocument(document, reading.Source, reading.Places, map, reading.Problems.Count == before));
    }

    private static DocumentKind? FindKind(MapNode map, string name, Reading reading)
    {
        if (map.Find("kind") is not ScalarNode { IsNull: false } at)
        {
            reading.Problem(map.Find("kind") ?? map, "the document has no kind",
                $"add kind: one of {string.Join(", ", DocumentKind.All.Select(kind => kind.Name))}");
            return null;
        }

        string group = ((map.Find("apiVersion") as ScalarNode)?.Value ?? "").Split('/')[0];
        DocumentKind? found = DocumentKind.All.FirstOrDefault(kind => kind.Name == name);
        if (found is not null && (map.Find("apiVersion") is null or { IsNull: true } || group == found.ApiVersion.Split('/')[0]))
            return found;
        string[] known = [.. DocumentKind.All.Select(kind => $"{kind.Name} of {kind.ApiVersion}")];
        if (found is not null)
            reading.Problem(map.Find("apiVersion")!, $"{name} of group \"{Quoted.Short(group)}\" is not known",
                $"write apiVersion: {found.ApiVersion}");
        else if (KindNames.Foreign.Contains(name))
            reading.Problem(at, $"{name} is a kind of the operator that Vfleet does not read",
                $"remove it; read are {string.Join(", ", known)}");
        else
            reading.Problem(at, $"unknown kind \"{Quoted.Short(name)}\"",
                Nearest.Of(name, DocumentKind.All.Select(kind => kind.Name)) is { } near
                    ? $"did you mean {near}?" : $"known are {string.Join(", ", known)}");
        return null;
    }
}

/// <summary>A document with the places of its fields.</summary>
/// <param name="Document">The document.</param>
/// <param name="Source">Name of the text.</param>
/// <param name="Places">Its fields' values by path.</param>
/// <param name="Node">The whole of it.</param>
/// <param name="IsWhole">True where it has no problem of its own.</param>
internal sealed record LocatedDocument(Document Document, string Source, IReadOnlyDictionary<string, DocumentNode> Places, MapNode Node,
    bool IsWhole)
{
    /// <summary>A problem where a field stands, or where the document begins.</summary>
    public DocumentProblem Problem(string path, string message, string? remedy)
    {
        DocumentNode at = Places.GetValueOrDefault(path) ?? Node;
        return new DocumentProblem(Source, at.Line, at.Column, message, remedy);
    }

    /// <summary>A note where a field stands, or where the document begins.</summary>
    public DocumentNote Note(NoteKind kind, string path, string message)
    {
        DocumentNode at = Places.GetValueOrDefault(path) ?? Node;
        return new DocumentNote(kind, Source, at.Line, at.Column, message);
    }

    /// <summary>Where people find it.</summary>
    public string Where => $"{Source}:{Node.Line}";
}
