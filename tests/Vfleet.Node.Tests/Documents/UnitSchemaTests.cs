using System.Text.Json.Nodes;
using Vfleet.Node.Documents;

namespace Vfleet.Node.Tests.Documents;

/// <summary>docs/schemas holds what the tables say. VFLEET_UPDATE_SCHEMAS=1 writes it anew.</summary>
public sealed class UnitSchemaTests
{
    private static readonly string Folder = Path.Combine(Root(), "docs", "schemas");

    [Fact]
    public void TheWrittenSchemasAreTheOnesOfTheTables()
    {
        if (Environment.GetEnvironmentVariable("VFLEET_UPDATE_SCHEMAS") == "1")
        {
            Directory.CreateDirectory(Folder);
            foreach ((string file, string text) in SchemaWriter.All)
                File.WriteAllText(Path.Combine(Folder, file), text);
        }

        Assert.Equal(SchemaWriter.All.Select(schema => schema.File).Order(),
            Directory.GetFiles(Folder, "*.json").Select(Path.GetFileName).Order());
        Assert.All(SchemaWriter.All, schema => Assert.Equal(schema.Text, File.ReadAllText(Path.Combine(Folder, schema.File))));
    }

    [Fact]
    public void ASchemaSaysWhatTheReaderAsksFor()
    {
        JsonNode network = JsonNode.Parse(SchemaWriter.All.Single(schema => schema.File == "SriovNetwork.json").Text)!;
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)network["$schema"]);
        Assert.Equal(["apiVersion", "kind", "metadata", "spec"], network["required"]!.AsArray().Select(name => (string)name!));
        JsonNode spec = network["properties"]!["spec"]!;
        Assert.Equal(["resourceName"], spec["required"]!.AsArray().Select(name => (string)name!));
        Assert.False((bool)spec["additionalProperties"]!);
        Assert.Equal((0, 4094), ((int)spec["properties"]!["vlan"]!["minimum"]!, (int)spec["properties"]!["vlan"]!["maximum"]!));
    }

    private static string Root()
    {
        DirectoryInfo at = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Vfleet.slnx")))
            at = at.Parent!;
        return at.FullName;
    }
}
