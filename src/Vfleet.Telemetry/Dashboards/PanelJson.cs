using System.Text.Json.Nodes;

namespace Vfleet.Telemetry.Dashboards;

/// <summary>A panel in Grafana's terms.</summary>
internal static class PanelJson
{
    public static JsonObject Of(Panel panel, int id, JsonObject grid)
    {
        JsonObject json = new()
        {
            ["id"] = id,
            ["type"] = TypeOf(panel.Kind),
            ["title"] = panel.Title,
            ["description"] = panel.Description,
            ["gridPos"] = grid,
        };
        if (panel.Kind == PanelKind.Text)
        {
            json["options"] = new JsonObject { ["mode"] = "markdown", ["content"] = panel.Markdown };
            return json;
        }
        json["datasource"] = DashboardWriter.Source();
        json["targets"] = new JsonArray([.. panel.Queries.Select((query, i) => Target(panel.Kind, query, i))]);
        json["fieldConfig"] = new JsonObject { ["defaults"] = Defaults(panel), ["overrides"] = new JsonArray() };
        json["options"] = Options(panel.Kind);
        if (panel.Kind == PanelKind.Table)
            json["transformations"] = new JsonArray(new JsonObject { ["id"] = "merge", ["options"] = new JsonObject() }, Organize(panel));
        return json;
    }

    private static string TypeOf(PanelKind kind) => kind switch
    {
        PanelKind.TimeSeries => "timeseries",
        PanelKind.Stat => "stat",
        PanelKind.Bars => "bargauge",
        PanelKind.Table => "table",
        PanelKind.Pie => "piechart",
        PanelKind.Heatmap => "heatmap",
        _ => "text",
    };

    private static JsonObject Target(PanelKind kind, Query query, int index)
    {
        bool isNow = kind is PanelKind.Table or PanelKind.Stat or PanelKind.Bars or PanelKind.Pie;
        return new JsonObject
        {
            ["refId"] = RefId(index),
            ["datasource"] = DashboardWriter.Source(),
            ["editorMode"] = "code",
            ["expr"] = query.Expression,
            ["legendFormat"] = query.Legend.Length > 0 && kind != PanelKind.Table ? query.Legend : "__auto",
            ["format"] = kind switch { PanelKind.Table => "table", PanelKind.Heatmap => "heatmap", _ => "time_series" },
            ["instant"] = isNow,
            ["range"] = !isNow,
        };
    }

    private static string RefId(int index) => ((char)('A' + index)).ToString();

    private static JsonObject Defaults(Panel panel)
    {
        JsonObject defaults = new() { ["unit"] = panel.Unit };
        if (panel.Kind == PanelKind.TimeSeries)
            defaults["custom"] = new JsonObject { ["drawStyle"] = "line", ["fillOpacity"] = 10, ["showPoints"] = "never",
                ["spanNulls"] = false };
        if (panel.Link is { } link)
            defaults["links"] = new JsonArray(new JsonObject { ["title"] = link.Title, ["url"] = Address(panel.Kind, link),
                ["targetBlank"] = false });
        return defaults;
    }

    private static string Address(PanelKind kind, DrillDown link)
    {
        string labels = kind == PanelKind.Table ? "__data.fields." : "__field.labels.";
        return $"/d/{link.Uid}?{string.Concat(link.Labels.Select(label => $"var-{label}=${{{labels}{label}}}&"))}${{__url_time_range}}";
    }

    private static JsonObject Options(PanelKind kind) => kind switch
    {
        PanelKind.TimeSeries => new JsonObject
        {
            ["legend"] = new JsonObject
            {
                ["displayMode"] = "table", ["placement"] = "bottom", ["showLegend"] = true, ["calcs"] = new JsonArray("lastNotNull", "max"),
            },
            ["tooltip"] = new JsonObject { ["mode"] = "multi", ["sort"] = "desc" },
        },
        PanelKind.Stat => new JsonObject { ["colorMode"] = "value", ["graphMode"] = "area", ["reduceOptions"] = Last() },
        PanelKind.Bars => new JsonObject { ["displayMode"] = "gradient", ["orientation"] = "horizontal", ["reduceOptions"] = Last() },
        PanelKind.Pie => new JsonObject
        {
            ["pieType"] = "donut", ["reduceOptions"] = Last(),
            ["legend"] = new JsonObject { ["displayMode"] = "table", ["placement"] = "right", ["showLegend"] = true,
                ["values"] = new JsonArray("value", "percent") },
        },
        PanelKind.Heatmap => new JsonObject
        {
            ["calculate"] = false, ["yAxis"] = new JsonObject { ["unit"] = "s" },
            ["color"] = new JsonObject { ["mode"] = "scheme", ["scheme"] = "Oranges", ["steps"] = 64 },
        },
        _ => new JsonObject { ["showHeader"] = true, ["cellHeight"] = "sm" },
    };

    private static JsonObject Last() => new() { ["calcs"] = new JsonArray("lastNotNull"), ["fields"] = "", ["values"] = false };

    /// <summary>Without the time of the query; each value's column is called as its query's legend.</summary>
    private static JsonObject Organize(Panel panel)
    {
        JsonObject names = [];
        for (int i = 0; i < panel.Queries.Length; i++)
        {
            if (panel.Queries[i].Legend.Length > 0)
                names[panel.Queries.Length == 1 ? "Value" : $"Value #{RefId(i)}"] = panel.Queries[i].Legend;
        }
        return new JsonObject
        {
            ["id"] = "organize",
            ["options"] = new JsonObject
            {
                ["excludeByName"] = new JsonObject { ["Time"] = true, ["__name__"] = true },
                ["indexByName"] = new JsonObject(),
                ["renameByName"] = names,
            },
        };
    }
}
