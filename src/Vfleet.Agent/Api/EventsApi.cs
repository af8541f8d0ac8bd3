using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Vfleet.Agent.History;
using Vfleet.Node.Ledger;

namespace Vfleet.Agent.Api;

/// <summary>
/// History as server-sent events: <c>id</c> is the sequence, so a reader that comes again with Last-Event-ID misses nothing. Where what it
/// missed
/// was pruned, an event <c>pruned</c> says so first.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="feed">History as it comes.</param>
/// <param name="stop">Ends every stream when the agent ends.</param>
internal sealed class EventsApi(NodeLedger ledger, HistoryFeed feed, CancellationToken stop)
{
    /// <summary>Streams at once; each holds a connection.</summary>
    public const int MostStreams = 16;

    private int _streams;

    public async Task<Fault?> RunAsync(HttpContext context)
    {
        ApiCall call = new(context);
        if (!After(context, call).Try(out long? after, out Fault? fault))
            return fault;
        if (Interlocked.Increment(ref _streams) > MostStreams)
        {
            Interlocked.Decrement(ref _streams);
            return Fault.Refused($"{MostStreams} streams of events are open already", remedy: "end one of them, or ask /v1/history");
        }
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stop);
        try
        {
            await StreamAsync(context.Response, after, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The reader went away, or the agent ends: a stream has no other end.
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
        }
        return null;
    }

    private static Outcome<long?> After(HttpContext context, ApiCall call)
    {
        string last = context.Request.Headers["Last-Event-ID"].ToString();
        if (last.Length == 0)
            return call.Number("after");
        return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            ? sequence
            : Fault.Usage($"Last-Event-ID: {last} is no sequence", "send the id of the last event that came");
    }

    private async Task StreamAsync(HttpResponse response, long? after, CancellationToken cancel)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // Whoever follows knows from the first line that nothing is missed from now on, so where it begins is known before.
        if (after is null && ledger.Read(view => view.Head().Sequence) is { Succeeded: true, Value: var head })
            after = head;
        await WriteAsync(response, ": connected\n\n", cancel).ConfigureAwait(false);
        if (after is { } known && ledger.Read(view => view.Checkpoint()).Or(null) is { } pruned && pruned.Sequence > known)
            await WriteAsync(response,
                string.Create(CultureInfo.InvariantCulture,
                    $"event: pruned\ndata: {{\"through\":{pruned.Sequence}}}\n\n"), cancel).ConfigureAwait(false);
        await foreach (Outcome<HistoryRow?> next in feed.FollowAsync(after, cancel).ConfigureAwait(false))
        {
            if (!next.Try(out HistoryRow? row, out Fault? fault))
            {
                string problem = JsonSerializer.Serialize(Reports.Of(fault), AgentJson.Default.Problem);
                await WriteAsync(response, $"event: fault\ndata: {problem}\n\n", cancel).ConfigureAwait(false);
                return;
            }
            await WriteAsync(response, row is null ? ": alive\n\n" : Event(row), cancel).ConfigureAwait(false);
        }
    }

    private static string Event(HistoryRow row)
    {
        string json = JsonSerializer.Serialize(Reports.Of(row), AgentJson.Default.HistoryReport);
        return string.Create(CultureInfo.InvariantCulture, $"id: {row.Sequence}\nevent: history\ndata: {json}\n\n");
    }

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancel)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancel).ConfigureAwait(false);
        await response.Body.FlushAsync(cancel).ConfigureAwait(false);
    }
}
