using System.Text.RegularExpressions;

namespace Vfleet.Tidy.Tests;

/// <summary>A class with tests, found by its text.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Segments">The parts of its full name.</param>
/// <param name="Methods">Its test methods.</param>
internal sealed partial record TestClass(RepositoryFile File, string Name, IReadOnlyList<string> Segments, IReadOnlyList<string> Methods)
{
    /// <summary>Every test class below tests/.</summary>
    public static IReadOnlyList<TestClass> All { get; } = [.. Repository.Sources("tests").SelectMany(InFile)];

    /// <summary>True where a class of that name has that test, in whichever of its files.</summary>
    public static bool Exists(string name, string method) => All.Any(test => test.Name == name && test.Methods.Contains(method));

    private static IEnumerable<TestClass> InFile(RepositoryFile file)
    {
        string space = Namespace().Match(file.Code).Groups["name"].Value;
        Match[] classes = [.. Class().Matches(file.Code).Cast<Match>()];
        for (int i = 0; i < classes.Length; i++)
        {
            int end = i + 1 < classes.Length ? classes[i + 1].Index : file.Code.Length;
            string[] methods = [.. Method().Matches(file.Code[classes[i].Index..end]).Select(match => match.Groups["name"].Value)];
            string name = classes[i].Groups["name"].Value;
            if (methods.Length > 0)
                yield return new TestClass(file, name, [.. space.Split('.'), name], methods);
        }
    }

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // At the left margin: nested classes belong to the one around them.
    [GeneratedRegex(@"^(public|internal)[^\n;{(]*\bclass\s+(?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Class();

    [GeneratedRegex(@"\[\w*(Fact|Theory)\b[^{};]*?\bpublic\s[^{};=]*?\s(?<name>\w+)\s*\(", RegexOptions.ExplicitCapture)]
    private static partial Regex Method();
}
