using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vfleet.Telemetry.Dashboards;

/// <summary>Writes dashboards as Grafana imports and provisions them: its JSON of schema version 39, as Grafana 11 has it.</summary>
internal static class DashboardWriter
{
    private const int Columns = 24, SchemaVersion = 39;

    private static readonly JsonWriterOptions Indented =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The dashboard as text.</summary>
    /// <param name="dashboard">The dashboard.</param>
    /// <param name="all">It and those it leads to.</param>
    public static string Write(Dashboard dashboard, IEnumerable<Dashboard> all)
    {
        JsonObject json = new()
        {
            ["uid"] = dashboard.Uid,
            ["title"] = dashboard.Title,
            ["description"] = dashboard.Description,
            ["tags"] = new JsonArray("vfleet", "sr-iov"),
            ["schemaVersion"] = SchemaVersion,
            ["version"] = 1,
            ["editable"] = true,
            ["graphTooltip"] = 1,
            ["timezone"] = "browser",
            ["refresh"] = "30s",
            ["time"] = new JsonObject { ["from"] = "now-1h", ["to"] = "now" },
            ["annotations"] = new JsonObject { ["list"] = new JsonArray() },
            ["links"] = new JsonArray([.. all.Where(other => other != dashboard).Select(LinkTo)]),
            ["templating"] = new JsonObject { ["list"] = Variables(dashboard) },
            ["panels"] = Panels(dashboard),
        };
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Indented))
            json.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }

    /// <summary>Above the dashboard: what is chosen stays chosen.</summary>
    private static JsonObject LinkTo(Dashboard other) => new()
    {
        ["type"] = "link",
        ["title"] = other.Title,
        ["url"] = $"/d/{other.Uid}",
        ["icon"] = "dashboard",
        ["includeVars"] = true,
        ["keepTime"] = true,
        ["targetBlank"] = false,
    };

    private static JsonArray Variables(Dashboard dashboard)
    {
        List<JsonNode> list =
        [
            new JsonObject { ["type"] = "datasource", ["name"] = "datasource", ["label"] = "Prometheus", ["query"] = "prometheus",
                ["refresh"] = 1 },
        ];
        foreach (Variable variable in dashboard.Variables)
        {
            string query = $"label_values({variable.Metric}{variable.Selector}, {variable.Name})";
            list.Add(new JsonObject
            {
                ["type"] = "query",
                ["name"] = variable.Name,
                ["label"] = variable.Name,
                ["datasource"] = Source(),
                ["definition"] = query,
                ["query"] = new JsonObject { ["qryType"] = 1, ["query"] = query, ["refId"] = "values" },
                ["refresh"] = 2,
                ["sort"] = 1,
                ["multi"] = true,
                ["includeAll"] = true,
                // Also what has no such label, as a VF that nobody has.
                ["allValue"] = ".*",
                ["current"] = new JsonObject { ["text"] = "All", ["value"] = "$__all" },
            });
        }
        return new JsonArray([.. list]);
    }

    /// <summary>From left to right, and down where a row of the grid is full.</summary>
    private static JsonArray Panels(Dashboard dashboard)
    {
        JsonArray panels = [];
        int y = 0;
        foreach (Row row in dashboard.Rows)
        {
            panels.Add((JsonNode)new JsonObject
            {
                ["id"] = panels.Count + 1,
                ["type"] = "row",
                ["title"] = row.Title,
                ["collapsed"] = false,
                ["gridPos"] = Grid(1, Columns, 0, y++),
                ["panels"] = new JsonArray(),
            });
            int x = 0, height = 0;
            foreach (Panel panel in row.Panels)
            {
                if (x + panel.Width > Columns)
                    (x, y, height) = (0, y + height, 0);
                panels.Add((JsonNode)PanelJson.Of(panel, panels.Count + 1, Grid(panel.Height, panel.Width, x, y)));
                (x, height) = (x + panel.Width, Math.Max(height, panel.Height));
            }
            y += height;
        }
        return panels;
    }

    private static JsonObject Grid(int height, int width, int x, int y) => new() { ["h"] = height, ["w"] = width, ["x"] = x, ["y"] = y };

    /// <summary>The Prometheus that is chosen above the dashboard.</summary>
    public static JsonObject Source() => new() { ["type"] = "prometheus", ["uid"] = "${datasource}" };
}
