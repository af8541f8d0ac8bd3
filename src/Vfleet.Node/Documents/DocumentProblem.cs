namespace Vfleet.Node.Documents;

/// <summary>Something in a document that has to be changed before it can be used.</summary>
/// <param name="Source">Name of the file, or <c>-</c> for standard input.</param>
/// <param name="Line">Line from 1; 0 where it is about the whole text.</param>
/// <param name="Column">Column from 1; 0 where it is about the whole text.</param>
/// <param name="Message">One sentence without a full stop: what is wrong, and in which field.</param>
/// <param name="Remedy">What to write instead, where that is known.</param>
public sealed record DocumentProblem(string Source, int Line, int Column, string Message, string? Remedy = null)
{
    /// <summary>As compilers print it: <c>SOURCE:LINE:COLUMN: MESSAGE; REMEDY</c>.</summary>
    public override string ToString() => $"{Source}:{Line}:{Column}: {Message}{(Remedy is null ? "" : $"; {Remedy}")}";
}

/// <summary>Something a reader of a document should know and need not change.</summary>
/// <param name="Kind">What sort of note.</param>
/// <param name="Source">Name of the file.</param>
/// <param name="Line">Line from 1; 0 where it is about the whole text.</param>
/// <param name="Column">Column from 1; 0 where it is about the whole text.</param>
/// <param name="Message">One sentence without a full stop.</param>
public sealed record DocumentNote(NoteKind Kind, string Source, int Line, int Column, string Message)
{
    /// <summary>As compilers print it: <c>SOURCE:LINE:COLUMN: MESSAGE</c>.</summary>
    public override string ToString() => $"{Source}:{Line}:{Column}: {Message}";
}

/// <summary>What sort of note.</summary>
public enum NoteKind
{
    /// <summary>A field that was read and has no effect here.</summary>
    Ignored,

    /// <summary>Two documents contradict each other, and their priorities say which one wins.</summary>
    Resolved,

    /// <summary>Probably not what was meant.</summary>
    Warning,
}
