using System.Text.Json;
using System.Text.Json.Serialization;
using Vfleet.Host.State;

namespace Vfleet.Node.Ledger;

/// <summary>A point of the history, kept outside the ledger's file.</summary>
/// <param name="Sequence">Number of the row.</param>
/// <param name="Hash">Its hash, 64 hexadecimal digits.</param>
/// <param name="At">When it was written down.</param>
public sealed record LedgerAnchor(long Sequence, string Hash, DateTimeOffset At);

/// <summary>
/// Anchors, one JSON line each in <c>anchors.jsonl</c> beside the ledger: whoever rewrites history has to rewrite them too. The agent also sends
/// them to the journal, where they are out of reach of whoever may write the state directory.
/// </summary>
/// <param name="options">Where the ledger is.</param>
public sealed class LedgerAnchors(LedgerOptions options)
{
    private string Path => System.IO.Path.Combine(options.StateDirectory, "anchors.jsonl");

    /// <summary>Anchors in the order they were written.</summary>
    /// <returns>Internal when a line cannot be read: an anchor that is cut proves nothing, and says so.</returns>
    public Outcome<IReadOnlyList<LedgerAnchor>> Read()
    {
        List<LedgerAnchor> anchors = [];
        try
        {
            if (!File.Exists(Path))
                return anchors;
            foreach (string line in File.ReadLines(Path))
            {
                if (line.Length > 0)
                    anchors.Add(JsonSerializer.Deserialize(line, AnchorJson.Default.LedgerAnchor)!);
            }
            return anchors;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // What the parser and the file system say is all there is to know.
            return StateFile.Unreadable(Path, e.Message);
        }
    }

    /// <summary>Writes the newest row of history down, where there is a newer one than last time.</summary>
    /// <returns>The anchor written; null where history has not grown.</returns>
    public Outcome<LedgerAnchor?> Write(NodeLedger ledger)
    {
        if (!ledger.Read(view => view.Head()).Try(out (long Sequence, byte[] Hash) head, out Fault? fault))
            return fault;
        if (!Read().Try(out IReadOnlyList<LedgerAnchor>? before, out fault))
            return fault;
        if (head.Sequence == 0 || (before.Count > 0 && before[^1].Sequence >= head.Sequence))
            return Outcome<LedgerAnchor?>.Of(null);
        LedgerAnchor anchor = new(head.Sequence, Convert.ToHexStringLower(head.Hash), options.Time.GetUtcNow());
        try
        {
            using FileStream file = StateFolder.Open(Path, FileMode.Append, FileAccess.Write, FileShare.Read);
            JsonSerializer.Serialize(file, anchor, AnchorJson.Default.LedgerAnchor);
            file.WriteByte((byte)'\n');
            file.Flush(flushToDisk: true);
            return anchor;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is full, read-only or forbidden.
            return new Fault(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel, $"the anchor {Path} cannot be written")
            {
                Cause = e.Message,
                Target = Path,
                Remedy = "make room or give another directory with --state",
            };
        }
    }
}

/// <summary>JSON of anchors.</summary>
[JsonSerializable(typeof(LedgerAnchor))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class AnchorJson : JsonSerializerContext;
