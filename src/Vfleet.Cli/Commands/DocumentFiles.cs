using System.CommandLine;
using System.Text;
using Vfleet.Cli.Output;
using Vfleet.Linux;
using Vfleet.Node.Documents;
using Vfleet.Node.Plans;

namespace Vfleet.Cli.Commands;

/// <summary><c>-f FILE|DIR|-</c>: the texts of documents, and what is said about what is in them.</summary>
internal static class DocumentFiles
{
    private const string StandardInput = "-";

    // Twice what a text may have, so that what is too long is told as such, and /dev/zero is not read for ever.
    private const int MostBytes = 8 * 1024 * 1024;

    private static readonly string[] Endings = [".yaml", ".yml", ".json"];

    public static readonly Option<string[]> Option = new("--filename", "-f")
    {
        Description = "File of documents, a directory of them, or - for standard input; may be repeated",
    };

    /// <summary>The texts in the order they were given; the files of a directory by name.</summary>
    /// <param name="names">What was given.</param>
    /// <param name="cancel">Ends the waiting for a pipe that nobody writes to; the thread that waits goes with the process.</param>
    public static Task<Outcome<IReadOnlyList<(string Source, string Text)>>> ReadAsync(IReadOnlyList<string> names, CancellationToken cancel) =>
        Task.Run(() => Read(names), CancellationToken.None).WaitAsync(cancel);

    private static Outcome<IReadOnlyList<(string Source, string Text)>> Read(IReadOnlyList<string> names)
    {
        List<(string, string)> texts = [];
        foreach (string name in names.Distinct())
        {
            if (name.Length == 0)
                return Fault.Usage("-f was given an empty name", "name a file, a directory, or - for standard input");
            Outcome<IReadOnlyList<string>> found = name == StandardInput ? Outcome<IReadOnlyList<string>>.Of([name]) : FilesOf(name);
            if (!found.Try(out IReadOnlyList<string>? files, out Fault? fault))
                return fault;
            foreach (string file in files)
            {
                if (!ReadFile(file).Try(out string? text, out fault))
                    return fault;
                texts.Add((file, text));
            }
        }
        return texts;
    }

    /// <summary>
    /// Prints every problem, one a line with its place, then what should be known. A program is told by the fault alone.
    /// </summary>
    /// <returns>True where the documents can be used.</returns>
    public static bool Tell(DocumentUpdate update) => Tell(update.Problems, update.Notes);

    /// <summary>The same for what was found in any text.</summary>
    public static bool Tell(IReadOnlyList<DocumentProblem> problems, IReadOnlyList<DocumentNote> notes)
    {
        foreach (DocumentProblem problem in problems)
        {
            string remedy = problem.Remedy is null ? "" : $" ({problem.Remedy})";
            Console.Error.WriteLine(PlainText.Of($"{problem with { Remedy = null }}{remedy}"));
        }
        foreach (DocumentNote note in notes)
            Console.Error.WriteLine($"vfleet: {(note.Kind == NoteKind.Warning ? "warning" : "note")}: {PlainText.Of(note.ToString())}");
        return problems.Count == 0;
    }

    /// <summary>
    /// The fault of texts without a single document. Who names files wants something of them: nothing there is a mistake, as behind a
    /// program that failed, and not a wish for no change.
    /// </summary>
    /// <param name="given">What was read of them, without problems.</param>
    /// <param name="names">What was given.</param>
    public static Fault? Empty(DocumentUpdate given, IReadOnlyList<string> names)
    {
        if (given.Deltas.Count > 0)
            return null;
        string where = string.Join(", ", names.Select(name => name == StandardInput ? "standard input" : name).Distinct());
        string remedy = "write one there, or name other files; what is applied already is shown by `vfleet get`";
        return Fault.Usage($"no document in {where}", remedy, where) with { Cause = "it is empty, or comments are all it has" };
    }

    private static Outcome<IReadOnlyList<string>> FilesOf(string name)
    {
        if (!Directory.Exists(name))
            return Outcome<IReadOnlyList<string>>.Of([name]);
        try
        {
            IEnumerable<string> all = Directory.EnumerateFiles(name).Where(file => Endings.Contains(Path.GetExtension(file)));
            string[] files = [.. all.Order(StringComparer.Ordinal)];
            return files.Length > 0
                ? files
                : Fault.Usage($"no documents in {name}: it has no file that ends with {string.Join(", ", Endings)}",
                    "name another directory, or files", name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(name, e);
        }
    }

    private static Outcome<string> ReadFile(string file)
    {
        try
        {
            using Stream stream = file == StandardInput ? Console.OpenStandardInput() : File.OpenRead(file);
            using MemoryStream bytes = new();
            byte[] part = new byte[64 * 1024];
            for (int got = stream.Read(part); got > 0; got = stream.Read(part))
            {
                bytes.Write(part, 0, got);
                if (bytes.Length > MostBytes)
                    return Fault.Usage($"{file} has more than {MostBytes} bytes", "split it into several files", file);
            }
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
        catch (DecoderFallbackException)
        {
            return Fault.Usage($"{file} is no text in UTF-8", null, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // The file system's only ways to say that there is no such file, or that it may not be read.
            return Unreadable(file, e);
        }
    }

    private static Fault Unreadable(string name, Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => Fault.NotFound($"no file {name}", null, name),
        UnauthorizedAccessException => new Fault(FaultKind.NotPermitted, $"{name} may not be read") { Target = name, Cause = e.Message },
        _ => Fault.Usage($"{name} cannot be read: {e.Message}", null, name),
    };
}
