using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Vfleet.Agent.Api;

/// <summary>The description of the API that is checked in as docs/agent-api.json: made from the routes and the types themselves.</summary>
internal static partial class OpenApiDocument
{
    private static readonly JsonSchemaExporterOptions Schemas = new() { TreatNullObliviousAsNonNullable = true };
    private static readonly JsonSerializerOptions Indented = new(AgentJson.Default.Options) { WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Kinds =>
        string.Join(", ", Enum.GetValues<FaultKind>().Select(kind => $"{ApiGuard.StatusOf(kind)} {Reports.Word(kind)}"));

    /// <summary>The document's text.</summary>
    public static string Create(IReadOnlyList<ApiRoute> routes)
    {
        JsonObject paths = [];
        foreach (IGrouping<string, ApiRoute> path in routes.GroupBy(route => route.Path))
        {
            JsonObject methods = [];
            foreach (ApiRoute route in path)
                methods[route.Method.ToLowerInvariant()] = Operation(route);
            paths[path.Key] = methods;
        }
        JsonObject document = new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "Vfleet agent", ["version"] = "1",
                ["description"] = "HTTP on a unix socket, /run/vfleet/agent.sock by default. See docs/agent.md." },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = new JsonObject { ["Problem"] = Schema(AgentJson.Default.Problem) } },
        };
        return document.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Operation(ApiRoute route)
    {
        JsonArray parameters = [];
        foreach (Match part in PathPart().Matches(route.Path))
            parameters.Add((JsonNode)Parameter(part.Groups["name"].Value, "path", null));
        foreach ((string name, string meaning) in route.Query)
            parameters.Add((JsonNode)Parameter(name, "query", meaning));
        JsonObject operation = new() { ["summary"] = route.Summary, ["description"] = $"Needs: {Reports.Word(route.Needs)}" };
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (route.Body is { } body)
            operation["requestBody"] = new JsonObject { ["content"] = Content("application/json", Schema(body)) };
        JsonObject answer = route.Answer is { } type ? Content("application/json", Schema(type))
            : Content("text/event-stream", new JsonObject { ["type"] = "string" });
        operation["responses"] = new JsonObject
        {
            ["200"] = new JsonObject { ["description"] = "Done", ["content"] = answer },
            ["default"] = new JsonObject
            {
                ["description"] = $"Refused: {Kinds}",
                ["content"] = Content("application/problem+json", new JsonObject { ["$ref"] = "#/components/schemas/Problem" }),
            },
        };
        return operation;
    }

    private static JsonObject Parameter(string name, string place, string? meaning)
    {
        JsonObject parameter = new() { ["name"] = name, ["in"] = place, ["required"] = place == "path",
            ["schema"] = new JsonObject { ["type"] = "string" } };
        if (meaning is not null)
            parameter["description"] = meaning;
        return parameter;
    }

    private static JsonObject Content(string type, JsonNode schema) => new() { [type] = new JsonObject { ["schema"] = schema } };

    private static JsonNode Schema(JsonTypeInfo type) => type.GetJsonSchemaAsNode(Schemas);

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture)]
    private static partial Regex PathPart();
}
