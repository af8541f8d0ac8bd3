namespace Vfleet.Tidy.Tests;

/// <summary>A test's name says its tier, because ./dev test chooses by name.</summary>
public sealed class TidyNamesTests
{
    private static readonly string[] Tiers = ["Unit", "Kernel", "Lab", "Tidy", "Contract", "Cluster"];

    /// <summary>The tier ./dev test finds by name anywhere in a test's full name; the lab's tests have a project of their own.</summary>
    private const string ByName = "Kernel";

    /// <summary>Named before there was this rule; they run with the unit tests. Nothing is added here.</summary>
    private static readonly string[] Older =
    [
        "DevlinkReadTests", "DevlinkWriteTests", "EthtoolTests", "FuzzTests", "GenericClientTests", "LinkEventTests", "NetlinkClientTests",
        "NetlinkDeadlineTests", "NetlinkReaderTests", "NetlinkRequestTests", "UeventTests",
    ];

    [Fact]
    public void Names_begin_with_their_tier() =>
        Repository.Expect(
            from test in TestClass.All
            where !test.Segments.Any(name => Tiers.Any(tier => name.StartsWith(tier, StringComparison.Ordinal))) && !Older.Contains(test.Name)
            select $"{test.File.Path}: {test.Name}",
            $"A test class, or its namespace, begins with its tier ({string.Join(", ", Tiers)}), because ./dev test chooses by name. Rename:");

    [Fact]
    public void Older_names_are_still_there() =>
        Repository.Expect(
            Older.Where(name => TestClass.All.All(test => test.Name != name)),
            "These classes have gone or have been renamed; take them off the list in TidyNamesTests:");

    [Fact]
    public void No_method_takes_another_tiers_name() =>
        Repository.Expect(
            from test in TestClass.All
            where !test.Segments.Any(name => name.StartsWith(ByName, StringComparison.Ordinal))
            from method in test.Methods
            where method.StartsWith(ByName, StringComparison.Ordinal)
            select $"{test.File.Path}: {test.Name}.{method}",
            $"./dev test takes a method whose name begins with {ByName} for one of that tier and leaves it out of its own. Rename:");

    [Fact]
    public void Test_classes_are_found() => Assert.Contains(TestClass.All, test => test.Name == nameof(TidyNamesTests) && test.Methods.Contains(nameof(Test_classes_are_found)));
}
