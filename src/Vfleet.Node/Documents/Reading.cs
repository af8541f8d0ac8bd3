namespace Vfleet.Node.Documents;

/// <summary>What is found while a text is read: problems, notes, and where each field stands.</summary>
/// <param name="source">Name of the text.</param>
/// <param name="isLenient">True for files whose contract is to ignore what is unknown: names in any case, and notes instead of
/// problems.</param>
internal sealed class Reading(string source, bool isLenient = false)
{
    /// <summary>Name of the text.</summary>
    public string Source => source;

    /// <summary>True for files whose contract is to ignore what is unknown.</summary>
    public bool IsLenient => isLenient;

    /// <summary>What has to be changed.</summary>
    public List<DocumentProblem> Problems { get; } = [];

    /// <summary>What should be known.</summary>
    public List<DocumentNote> Notes { get; } = [];

    /// <summary>Where each field of the document that is being read stands, by its path.</summary>
    public Dictionary<string, DocumentNode> Places { get; private set; } = new(StringComparer.Ordinal);

    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);

    /// <summary>Begins a document: its fields have places of their own.</summary>
    public void BeginDocument()
    {
        Places = new(StringComparer.Ordinal);
        _broken.Clear();
    }

    /// <summary>Remembers that a field has no value that could be read.</summary>
    public void Break(string path) => _broken.Add(path);

    /// <summary>
    /// True where all of these fields, with what is in them, could be read: else a rule about them would tell the same mistake twice.
    /// </summary>
    public bool IsWhole(params ReadOnlySpan<string> paths)
    {
        foreach (string path in paths)
        {
            if (_broken.Any(broken => broken == path || broken.StartsWith($"{path}.", StringComparison.Ordinal)))
                return false;
        }

        return true;
    }

    /// <summary>Tells of a problem with a field, where it stands.</summary>
    public void ProblemAt(string path, string message, string? remedy = null)
    {
        DocumentNode? at = Places.GetValueOrDefault(path);
        Problem(at?.Line ?? 0, at?.Column ?? 0, message, remedy);
    }

    public void Problem(DocumentNode at, string message, string? remedy = null) =>
        Problems.Add(new DocumentProblem(source, at.Line, at.Column, message, remedy));

    public void Problem(int line, int column, string message, string? remedy = null) =>
        Problems.Add(new DocumentProblem(source, line, column, message, remedy));

    public void Note(NoteKind kind, DocumentNode at, string message) =>
        Notes.Add(new DocumentNote(kind, source, at.Line, at.Column, message));
}
