using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Vfleet.Cli.Tests;

/// <summary>Reads YAML as any reader of its core schema would, into the tree that the same text as JSON would give.</summary>
internal static class YamlTree
{
    public static JsonNode? Parse(string yaml)
    {
        YamlStream stream = [];
        using StringReader reader = new(yaml);
        stream.Load(reader);
        return Of(Assert.Single(stream.Documents).RootNode);
    }

    private static JsonNode? Of(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(
            map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Of(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Of)]),
        YamlScalarNode scalar => Of(scalar),
        _ => throw new FormatException(node.ToString()),
    };

    private static JsonNode? Of(YamlScalarNode scalar) => scalar switch
    {
        { Style: not ScalarStyle.Plain } => scalar.Value,
        { Value: "null" or "~" or "" or null } => null,
        { Value: "true" or "false" } => scalar.Value == "true",
        _ when long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => number,
        _ when double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        _ => scalar.Value,
    };
}
