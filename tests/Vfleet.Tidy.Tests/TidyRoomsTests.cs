using System.Text.RegularExpressions;

namespace Vfleet.Tidy.Tests;

/// <summary>Rooms reference what the table in docs/architecture.md allows, and have a README.</summary>
public sealed partial class TidyRoomsTests
{
    private const string Everything = "*";

    /// <summary>Each room with the rooms it may reference; what those may, it may too. Rooms that do not exist yet have their place.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Vfleet.Linux"] = [],
        ["Vfleet.Host"] = ["Vfleet.Linux"],
        ["Vfleet.Node"] = ["Vfleet.Host"],
        ["Vfleet.Cni"] = ["Vfleet.Node"],
        ["Vfleet.Containers"] = ["Vfleet.Node"],
        ["Vfleet.Kubernetes"] = ["Vfleet.Node", "Vfleet.Fleet"],
        ["Vfleet.Machines"] = ["Vfleet.Node"],
        ["Vfleet.Telemetry"] = ["Vfleet.Node"],
        ["Vfleet.Agent"] = ["Vfleet.Node", "Vfleet.Containers", "Vfleet.Kubernetes", "Vfleet.Machines", "Vfleet.Telemetry"],
        ["Vfleet.Fleet"] = [],
        ["Vfleet.Controller"] = ["Vfleet.Fleet"],
        ["Vfleet.Simulation"] = [Everything],
        ["Vfleet.Cli"] = [Everything],
    };

    /// <summary>Why a room is closed to others; told when somebody opens it.</summary>
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["Vfleet.Linux"] = "it speaks the kernel's own terms and is the foundation of all others",
        ["Vfleet.Host"] = "it knows one machine's SR-IOV and no owners, so that every front door gets the same behaviour",
        ["Vfleet.Fleet"] = "it is the pure core without I/O, so that a simulator can drive it from one seed",
        ["Vfleet.Controller"] = "it runs unprivileged and away from the nodes, so it must not reach a kernel",
        ["Vfleet.Cni"] = "it is a small native program that kubelet starts for every pod",
        ["Vfleet.Simulation"] = "it is used by the command line and must not depend on it",
    };

    private static IEnumerable<string> Rooms => Repository.Below("src").Select(file => file.Room).OfType<string>().Distinct();

    [Fact]
    public void Every_folder_of_src_is_a_room() =>
        Repository.Expect(
            Rooms.Where(room => !Allowed.ContainsKey(room)),
            "A folder under src/ is a room with a place in the table of docs/architecture.md and in this test. Not a room:");

    [Fact]
    public void Rooms_reference_only_what_they_may()
    {
        List<string> offenders = [];
        foreach (RepositoryFile project in Repository.Below("src").Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            foreach (Match reference in ProjectReference().Matches(project.Text))
            {
                string target = Path.GetFileNameWithoutExtension(reference.Groups["path"].Value.Replace('\\', '/'));
                if (!MayReference(project.Room!, target))
                    offenders.Add($"{project.Path} references {target}: {Reasons.GetValueOrDefault(project.Room!, "it would tie features together that ship apart")}");
            }
        }

        Repository.Expect(offenders, "A room may reference only the rooms named for it in docs/architecture.md and what those may. Move the code, or change the table on purpose:");
    }

    [Fact]
    public void Every_room_has_a_README() =>
        Repository.Expect(
            Rooms.Where(room => Repository.Files.All(file => file.Path != $"src/{room}/README.md")),
            "A reader learns from a room's README.md in five lines what lives there and what it may reference. Missing in:");

    [Fact]
    public void The_table_in_the_documentation_is_this_one()
    {
        string documented = Repository.Text("docs/architecture.md");
        Repository.Expect(
            Rooms.Where(room => !documented.Contains($"`{room}`", StringComparison.Ordinal)),
            "docs/architecture.md has a table of the rooms that exist. Missing there:");
    }

    private static bool MayReference(string room, string target)
    {
        if (!Allowed.TryGetValue(room, out string[]? named) || !Allowed.ContainsKey(target) || target == "Vfleet.Cli")
            return false;
        return named.Contains(Everything) || named.Any(next => next == target || MayReference(next, target));
    }

    [GeneratedRegex("""<ProjectReference\s+Include="(?<path>[^"]+)""")]
    private static partial Regex ProjectReference();
}
