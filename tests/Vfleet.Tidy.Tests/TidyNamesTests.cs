namespace Vfleet.Tidy.Tests;

/// <summary>A test's name says its tier, because ./dev test chooses by name.</summary>
public sealed class TidyNamesTests
{
    private static readonly string[] Tiers = ["Unit", "Kernel", "Lab", "Tidy", "Contract", "Cluster"];

    /// <summary>The tier ./dev test finds by name anywhere in a test's full name; the lab's tests have a project of their own.</summary>
    private const string ByName = "Kernel";

    [Fact]
    public void Names_begin_with_their_tier() =>
        Repository.Expect(
            from test in TestClass.All
            where !test.Segments.Any(name => Tiers.Any(tier => name.StartsWith(tier, StringComparison.Ordinal)))
            select $"{test.File.Path}: {test.Name}",
            $"A test class, or its namespace, begins with its tier ({string.Join(", ", Tiers)}): ./dev test chooses by name. Rename:");

    [Fact]
    public void No_method_takes_another_tiers_name() =>
        Repository.Expect(
            from test in TestClass.All
            where !test.Segments.Any(name => name.StartsWith(ByName, StringComparison.Ordinal))
            from method in test.Methods
            where method.StartsWith(ByName, StringComparison.Ordinal)
            select $"{test.File.Path}: {test.Name}.{method}",
            $"./dev test takes a method whose name begins with {ByName} for one of that tier, not of its own. Rename:");

    [Fact]
    public void Test_classes_are_found() => Assert.True(TestClass.Exists(nameof(TidyNamesTests), nameof(Test_classes_are_found)));
}
