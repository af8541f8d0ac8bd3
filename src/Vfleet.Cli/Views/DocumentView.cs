using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;

namespace Vfleet.Cli.Views;

/// <summary>Documents as rows and as JSON. The JSON keys are a promise: docs/cli.md.</summary>
internal static class DocumentView
{
    public static readonly IReadOnlyList<Column<LedgerDocument>> Columns =
    [
        new("KIND", document => document.Kind),
        new("NAME", document => document.Name),
        new("RESOURCE", document => Kept(document).Read()?.ResourceName),
        new("APPLIED", document => Time(document)),
    ];

    public static JsonObject Json(LedgerDocument document) => new()
    {
        ["kind"] = document.Kind,
        ["name"] = document.Name,
        ["resource"] = Kept(document).Read()?.ResourceName,
        ["appliedAt"] = Time(document),
        ["document"] = Kept(document).ToJson(),
        ["text"] = document.Text,
    };

    public static JsonObject Json(DocumentDelta delta) => new()
    {
        ["kind"] = delta.Document.Kind,
        ["name"] = delta.Document.Name,
        ["verb"] = Word(delta.Verb),
        ["fields"] = new JsonArray([.. delta.Changes.Select(change => (JsonNode)new JsonObject
        {
            ["path"] = change.Path,
            ["old"] = change.Old,
            ["new"] = change.New,
        })]),
    };

    public static string Line(DocumentDelta delta) => $"{delta.Document.Label}: {Word(delta.Verb)}";

    private static string Word(DocumentVerb verb) => verb.ToString().ToLowerInvariant();

    private static KeptDocument Kept(LedgerDocument document) => new(document.Kind, document.Name, document.Text);

    private static string Time(LedgerDocument document) =>
        document.AppliedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
