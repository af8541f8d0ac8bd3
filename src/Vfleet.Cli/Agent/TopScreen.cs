using Spectre.Console;
using Vfleet.Agent.Api;
using Vfleet.Cli.Output;

namespace Vfleet.Cli.Agent;

/// <summary>What whoever looks at <c>vfleet top</c> wants to see.</summary>
/// <param name="Sort">The column it is sorted by; null for the order they came in, on a terminal those in use first.</param>
/// <param name="Filter">Only VFs with this text in their names, pool, owner or tenant; null for all.</param>
internal sealed record TopWish(string? Sort, string? Filter)
{
    private const int LongestFilter = 128;

    /// <summary>The other way round.</summary>
    public bool IsReversed { get; init; }

    /// <summary>A filter that is being typed; null where none is.</summary>
    public string? Typed { get; init; }

    /// <summary>The wish after a key; null where it was the key to end.</summary>
    public TopWish? After(ConsoleKeyInfo key)
    {
        if (Typed is { } typed)
        {
            return key.Key switch
            {
                ConsoleKey.Enter => this with { Filter = typed.Length > 0 ? typed : null, Typed = null },
                ConsoleKey.Escape => this with { Typed = null },
                ConsoleKey.Backspace => this with { Typed = typed.Length > 0 ? typed[..^1] : typed },
                _ => char.IsControl(key.KeyChar) || typed.Length >= LongestFilter ? this : this with { Typed = typed + key.KeyChar },
            };
        }
        return key.KeyChar switch
        {
            'q' or 'Q' => null,
            's' => this with { Sort = Next() },
            'r' => this with { IsReversed = !IsReversed },
            '/' => this with { Typed = Filter ?? "" },
            _ => this,
        };
    }

    private string? Next()
    {
        int at = Sort is null ? 0 : TopColumns.Cycle.ToList().IndexOf(Sort) + 1;
        return at < TopColumns.Cycle.Count ? TopColumns.Cycle[at] : null;
    }
}

/// <summary>The lines of a screen of <c>vfleet top</c>.</summary>
internal static class TopScreen
{
    private const int Between = 2;

    /// <summary>Lines that fit a terminal.</summary>
    /// <param name="shown">What was read.</param>
    /// <param name="wish">What is wanted.</param>
    /// <param name="width">Cells of a line.</param>
    /// <param name="height">Lines of the terminal.</param>
    /// <param name="now">When it was read.</param>
    public static IReadOnlyList<string> Lines(NodeShown shown, TopWish wish, int width, int height, DateTimeOffset now)
    {
        List<string> lines = [Head(shown, wish, now)];
        int poolRoom = Math.Max(1, (height / 3) - 1);
        lines.AddRange(Pools([.. shown.Pools.Take(poolRoom)]));
        if (shown.Pools.Count > poolRoom)
            lines.Add($"… and {shown.Pools.Count - poolRoom} more pools: vfleet pool list");
        // A screen has fewer lines than a machine VFs.
        IReadOnlyList<TopRow> inUseFirst = [.. shown.Rows().OrderBy(row => row.Vf.State == "free" && row.Vf.Stranger is null)];
        IReadOnlyList<TopRow> rows = TopColumns.Arrange(inUseFirst, wish.Sort, wish.IsReversed, wish.Filter);
        int room = Math.Max(1, height - lines.Count - 2);
        lines.AddRange(Vfs([.. rows.Take(room)], width));
        if (rows.Count > room)
            lines.Add($"… and {rows.Count - room} more: vfleet vf list");
        return [.. lines.Take(Math.Max(1, height)).Select(line => Cut(line, width))];
    }

    private static string Head(NodeShown shown, TopWish wish, DateTimeOffset now)
    {
        if (wish.Typed is { } typed)
            return $"filter: {PlainText.Of(typed)}_   (Enter takes it, Esc leaves)";
        string sorted = wish.Sort is null ? "in use first" : $"by {wish.Sort}";
        string filter = wish.Filter is null ? "" : $", only \"{PlainText.Of(wish.Filter)}\"";
        string rates = shown.NoRates is { } why ? $"; no rates: {PlainText.Of(why)}" : "";
        return $"{now:HH:mm:ss}Z, {(shown.IsAgent ? "from the agent" : "no agent runs")}; {sorted}{(wish.IsReversed ? ", reversed" : "")}{filter}; "
            + $"q quits, s sorts, r reverses, / filters{rates}";
    }

    private static IEnumerable<string> Pools(IReadOnlyList<PoolReport> pools)
    {
        Column<PoolReport>[] columns = [.. TopCommand.PoolColumns.Where(column => !column.OnlyWide)];
        string[][] cells = [.. pools.Select(pool => columns.Select(column => Cell(column.Value(pool))).ToArray())];
        return Table([.. columns.Select(column => column.Title)], cells, [.. Enumerable.Range(0, columns.Length)], _ => false);
    }

    private static IEnumerable<string> Vfs(IReadOnlyList<TopRow> rows, int width)
    {
        string[] titles = [.. TopColumns.All.Select(column => column.Title)];
        string[][] cells = [.. rows.Select(row => TopColumns.All.Select(column => Cell(column.Text(row))).ToArray())];
        IReadOnlyList<int> shown = TopColumns.Fitting(Widths(titles, cells), width, Between);
        return Table(titles, cells, shown, at => TopColumns.All[at].Number is not null);
    }

    private static IEnumerable<string> Table(string[] titles, string[][] cells, IReadOnlyList<int> shown, Func<int, bool> isNumber)
    {
        int[] widths = Widths(titles, cells);
        foreach (string[] row in (IEnumerable<string[]>)[titles, .. cells])
            yield return string.Join(new string(' ', Between), shown.Select(at => Padded(row[at], widths[at], isNumber(at)))).TrimEnd();
    }

    private static int[] Widths(string[] titles, string[][] cells) =>
        [.. Enumerable.Range(0, titles.Length).Select(at => cells.Select(row => row[at]).Append(titles[at]).Max(text => text.GetCellWidth()))];

    private static string Padded(string text, int width, bool isNumber)
    {
        string pad = new(' ', width - text.GetCellWidth());
        return isNumber ? pad + text : text + pad;
    }

    private static string Cell(string? text) => PlainText.Of(text ?? "-");

    private static string Cut(string line, int width)
    {
        int length = line.Length;
        while (length > 0 && line[..length].GetCellWidth() > width)
            length--;
        // Half of a character that takes two is none.
        return length > 0 && length < line.Length && char.IsHighSurrogate(line[length - 1]) ? line[..(length - 1)] : line[..length];
    }
}
