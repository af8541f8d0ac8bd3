using System.Text.RegularExpressions;

namespace Vfleet.Tidy.Tests;

/// <summary>Rules for source files that no analyzer of ours holds.</summary>
public sealed partial class TidySourcesTests
{
    private const int LongestFile = 400;
    private const int LongestFunction = 70;

    // Put together, so that this file does not break its own rule.
    private static readonly string[] Unfinished = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "NotImplemented" + "Exception"];

    [Fact]
    public void Only_Linux_calls_the_system_and_holds_unsafe_code()
    {
        IEnumerable<string> code =
            from file in Repository.Sources("src", "tests", "bench")
            where file.Room != "Vfleet.Linux"
            from Match match in Native().Matches(file.Code)
            // A test may lay a structure of the kernel out by hand; it never calls the kernel around the seam.
            where match.Value != "unsafe" || !file.Path.StartsWith("tests/", StringComparison.Ordinal)
            select $"{file.At(match.Index)}: {match.Value}";
        IEnumerable<string> switches =
            from file in Repository.Below("src", "bench")
            where file.Path.EndsWith(".csproj", StringComparison.Ordinal) && file.Room != "Vfleet.Linux"
                && file.Text.Contains("AllowUnsafeBlocks", StringComparison.Ordinal)
            select $"{file.Path}: AllowUnsafeBlocks";
        Repository.Expect(
            code.Concat(switches),
            "System calls and unsafe code live in src/Vfleet.Linux only: there every structure's size is asserted against the kernel's headers, "
            + "and everything above the seam IKernel runs on the simulated kernel too. Put the call behind IKernel:");
    }

    [Fact]
    public void Unsafe_code_says_why_it_is_safe() =>
        Repository.Expect(
            from file in Repository.Sources("src")
            let places = Unsafe().Matches(file.Code).Select(match => match.Index).Append(file.Text.Length).ToArray()
            from number in Enumerable.Range(0, places.Length - 1)
            // In the doc comment above it, or at the place in its body.
            let around = file.Text[Math.Max(0, places[number] - 300)..places[number + 1]]
            where !around.Contains("SAFETY:", StringComparison.Ordinal)
            select file.At(places[number]),
            "Unsafe code carries a comment \"SAFETY: why no memory is read or written that is not ours\". Say it, or do without unsafe:");

    [Fact]
    public void Files_are_short() =>
        Repository.Expect(
            from file in Repository.Sources("src", "tests", "bench")
            let lines = file.Text.AsSpan().Count('\n')
            where lines > LongestFile
            select $"{file.Path}: {lines} lines",
            $"A source file has {LongestFile} lines at most, so that it is about one thing and read in one go. Split by what is done, not by what is left over:");

    [Fact]
    public void Functions_are_short() =>
        Repository.Expect(
            from file in Repository.Sources("src", "tests", "bench")
            from function in FunctionLengths.Of(file.Code)
            where function.Lines > LongestFunction
            select $"{file.Path}:{function.Line}: {function.Lines} lines",
            $"A function has {LongestFunction} lines at most, so that it fits a screen. Take out what has a name of its own:");

    [Fact]
    public void Nothing_is_left_unfinished() =>
        Repository.Expect(
            from file in Repository.Below("src", "tests", "lab", "bench")
            from word in Unfinished
            from Match match in Regex.Matches(file.Text, $@"\b{word}\b")
            select $"{file.At(match.Index)}: {word}",
            "What is to be done later is an issue, where it is found, and not a word in the code:");

    [Fact]
    public void No_test_is_switched_off() =>
        Repository.Expect(
            from file in Repository.Sources("tests")
            // An attribute that computes why a test cannot run here is how tiers skip; a reason written at a test switches it off.
            where !file.Path.EndsWith("FactAttribute.cs", StringComparison.Ordinal)
            from Match match in SkipReason().Matches(file.Code)
            select file.At(match.Index),
            "A test that cannot run on this machine is skipped by its tier's attribute with a computed reason; a test that fails is repaired:");

    [Fact]
    public void Functions_and_strings_are_told_apart()
    {
        const string text = """"
            class A
            {
                string B(int c = 1) { return $"{(c > 0 ? "}" : @"""{")}" + '{'; } // }
                static int[] D { get; } = new[]
                {
                    1,
                };
                int E =>
                    F switch { 1 => 2, _ => 3 };
            }
            """";
        Assert.Equal([(3, 1), (4, 1), (8, 2)], FunctionLengths.Of(CodeText.Blank(text)));
    }

    [GeneratedRegex(@"\b(LibraryImport|DllImport|unsafe|extern|NativeLibrary)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Native();

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex Unsafe();

    [GeneratedRegex(@"\bSkip\s*=")]
    private static partial Regex SkipReason();
}
