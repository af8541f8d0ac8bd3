using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Vfleet.Cli.Output;

/// <summary>Writes a JSON tree as YAML. Strings that YAML would read as something else are quoted.</summary>
internal static class YamlText
{
    public static string Of(JsonNode node)
    {
        using StringWriter text = new();
        Emitter emitter = new(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        string yaml = text.ToString();
        return yaml.EndsWith("...\n", StringComparison.Ordinal) ? yaml[..^4] : yaml;
    }

    private static void Write(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach ((string key, JsonNode? value) in map)
                {
                    emitter.Emit(new Scalar(key));
                    Write(emitter, value);
                }
                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (JsonNode? item in list)
                    Write(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            default:
                emitter.Emit(Single(node));
                break;
        }
    }

    private static Scalar Single(JsonNode? node)
    {
        if (node is null)
            return new Scalar("null");
        // A MAC such as 02:00:00:00:00:01 or the text "on" would be read as a number or a switch without quotes.
        return node.GetValueKind() == JsonValueKind.String
            ? new Scalar(AnchorName.Empty, TagName.Empty, node.GetValue<string>(), ScalarStyle.DoubleQuoted, false, true)
            : new Scalar(node.ToJsonString());
    }
}
