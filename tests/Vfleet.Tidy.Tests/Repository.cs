namespace Vfleet.Tidy.Tests;

/// <summary>The files of the repository as text, without what builds leave behind.</summary>
internal static class Repository
{
    private static readonly string[] Built = [".git", "artifacts", "out", "bin", "obj", "TestResults", ".vs", ".idea"];

    /// <summary>The directory that holds Vfleet.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file, sorted by path.</summary>
    public static IReadOnlyList<RepositoryFile> Files { get; } =
        [.. Walk(new DirectoryInfo(Root)).OrderBy(file => file.Path, StringComparer.Ordinal)];

    /// <summary>C# sources below one of the folders.</summary>
    public static IEnumerable<RepositoryFile> Sources(params string[] folders) => Below(folders).Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>Files below one of the folders, given without a slash at the end.</summary>
    public static IEnumerable<RepositoryFile> Below(params string[] folders) =>
        Files.Where(file => folders.Any(folder => file.Path.StartsWith($"{folder}/", StringComparison.Ordinal)));

    /// <summary>The text of one file.</summary>
    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Fails with every offender on a line of its own, below the reason for the rule.</summary>
    public static void Expect(IEnumerable<string> offenders, string reason)
    {
        string[] all = [.. offenders];
        Assert.True(all.Length == 0, $"{reason}\n  {string.Join("\n  ", all)}");
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Vfleet.slnx")))
                return at.FullName;
        }

        throw new InvalidOperationException($"no Vfleet.slnx above {AppContext.BaseDirectory}");
    }

    private static IEnumerable<RepositoryFile> Walk(DirectoryInfo directory)
    {
        foreach (FileInfo file in directory.EnumerateFiles())
            yield return new RepositoryFile(Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'), file.FullName);
        foreach (DirectoryInfo below in directory.EnumerateDirectories())
        {
            if (Built.Contains(below.Name, StringComparer.Ordinal) || below.LinkTarget is not null)
                continue;
            foreach (RepositoryFile file in Walk(below))
                yield return file;
        }
    }
}

/// <summary>One file.</summary>
/// <param name="Path">Path below the root, with slashes.</param>
/// <param name="FullPath">Where it is.</param>
internal sealed record RepositoryFile(string Path, string FullPath)
{
    private readonly Lazy<string> _text = new(() => File.ReadAllText(FullPath));
    private readonly Lazy<string> _code = new(() => CodeText.Blank(File.ReadAllText(FullPath)));

    /// <summary>The text; files that hold a zero byte count as empty.</summary>
    public string Text => _text.Value.Contains('\0', StringComparison.Ordinal) ? "" : _text.Value;

    /// <summary>C# with comments and strings blanked, line for line as the text.</summary>
    public string Code => _code.Value;

    /// <summary>The room the file belongs to; null outside src/.</summary>
    public string? Room => Path.Split('/') is ["src", var room, _, ..] ? room : null;

    /// <summary>The path with the line of a place in the text.</summary>
    public string At(int index) => $"{Path}:{Text.AsSpan(0, Math.Min(index, Text.Length)).Count('\n') + 1}";
}
