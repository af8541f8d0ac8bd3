using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Vfleet.Agent.Api;

namespace Vfleet.Agent.Client;

/// <summary>Calls the agent of this machine. No agent is a fault of kind NotFound, so that a caller can go on without it.</summary>
public sealed class AgentClient : IDisposable
{
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(5), LongestCall = TimeSpan.FromMinutes(6);
    private readonly string _socket;
    private readonly HttpClient _http;

    /// <summary>Makes a client; it connects with its first call.</summary>
    /// <param name="socket">The agent's socket.</param>
    public AgentClient(string socket)
    {
        _socket = socket;
        SocketsHttpHandler handler = new()
        {
            ConnectTimeout = LongestConnect,
            UseProxy = false,
            ConnectCallback = async (_, cancel) =>
            {
                Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel).ConfigureAwait(false);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://localhost/"), Timeout = LongestCall };
    }

    /// <summary>How the agent is.</summary>
    public Task<Outcome<StatusReport>> StatusAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Get, "v1/status", null, AgentJson.Default.StatusReport, cancel);

    /// <summary>Pools.</summary>
    public Task<Outcome<IReadOnlyList<PoolReport>>> PoolsAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Get, "v1/pools", null, AgentJson.Default.IReadOnlyListPoolReport, cancel);

    /// <summary>VFs.</summary>
    public Task<Outcome<IReadOnlyList<VfReport>>> VfsAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Get, "v1/vfs", null, AgentJson.Default.IReadOnlyListVfReport, cancel);

    /// <summary>Hand-outs that have not ended.</summary>
    public Task<Outcome<IReadOnlyList<AllocationReport>>> AllocationsAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Get, "v1/allocations", null, AgentJson.Default.IReadOnlyListAllocationReport, cancel);

    /// <summary>Rows of history after a sequence.</summary>
    public Task<Outcome<IReadOnlyList<HistoryReport>>> HistoryAsync(long after, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Get, $"v1/history?after={after}", null, AgentJson.Default.IReadOnlyListHistoryReport, cancel);

    /// <summary>What a VF did lately.</summary>
    /// <param name="vf">The VF, in any way a command takes it.</param>
    /// <param name="since">How long ago it begins, such as <c>10m</c>.</param>
    /// <param name="step">Time of a sample, such as <c>30s</c>; the shortest when null.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public Task<Outcome<RecentReport>> RecentAsync(string vf, string since, string? step, CancellationToken cancel = default)
    {
        string path = $"v1/vfs/{Uri.EscapeDataString(vf)}/recent?since={Uri.EscapeDataString(since)}";
        return CallAsync(HttpMethod.Get, step is null ? path : $"{path}&step={Uri.EscapeDataString(step)}", null, AgentJson.Default.RecentReport,
            cancel);
    }

    /// <summary>The newest sample of every VF that is there.</summary>
    public Task<Outcome<IReadOnlyList<NewestReport>>> NewestAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Get, "v1/recent", null, AgentJson.Default.IReadOnlyListNewestReport, cancel);

    /// <summary>Holds VFs for an owner.</summary>
    public Task<Outcome<AllocationReport>> AllocateAsync(AllocationOrder order, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/allocations", Body(order, AgentJson.Default.AllocationOrder), AgentJson.Default.AllocationReport,
            cancel);

    /// <summary>Ends a hand-out.</summary>
    public Task<Outcome<ReleaseReport>> ReleaseAsync(string idOrVf, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Delete, $"v1/allocations/{Uri.EscapeDataString(idOrVf)}", null, AgentJson.Default.ReleaseReport, cancel);

    /// <summary>Takes over a VF that somebody put to use by hand.</summary>
    public Task<Outcome<AllocationReport>> AdoptAsync(string vf, AdoptOrder order, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/vfs/{Uri.EscapeDataString(vf)}/adopt", Body(order, AgentJson.Default.AdoptOrder),
            AgentJson.Default.AllocationReport, cancel);

    /// <summary>Makes a pass now.</summary>
    public Task<Outcome<PassReport>> ReconcileAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/reconcile", null, AgentJson.Default.PassReport, cancel);

    /// <summary>Begins maintenance.</summary>
    public Task<Outcome<MaintenanceReport>> StartMaintenanceAsync(MaintenanceOrder order, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/maintenance", Body(order, AgentJson.Default.MaintenanceOrder), AgentJson.Default.MaintenanceReport,
            cancel);

    /// <summary>Ends it.</summary>
    public Task<Outcome<MaintenanceReport>> EndMaintenanceAsync(string? pf, CancellationToken cancel = default) => CallAsync(
        HttpMethod.Delete, pf is null ? "v1/maintenance"
            : $"v1/maintenance?pf={Uri.EscapeDataString(pf)}", null, AgentJson.Default.MaintenanceReport, cancel);

    /// <summary>History as it comes, until cancelled or until the agent ends.</summary>
    /// <param name="after">The last sequence the caller has; null for what comes from now on.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Rows; null once when the stream is open; last a fault of kind NotFound where the agent ended.</returns>
    public async IAsyncEnumerable<Outcome<HistoryReport?>> FollowAsync(long? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "v1/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (after is { } known)
            request.Headers.Add("Last-Event-ID", known.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (!(await SendAsync(request, HttpCompletionOption.ResponseHeadersRead,
            cancel).ConfigureAwait(false)).Try(out HttpResponseMessage? response, out Fault? fault))
        {
            yield return fault;
            yield break;
        }
        using (response)
        {
            using StreamReader reader = new(await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false), Encoding.UTF8);
            yield return Outcome<HistoryReport?>.Of(null);
            while (true)
            {
                if (!(await NextAsync(reader, cancel).ConfigureAwait(false)).Try(out HistoryReport? row, out fault))
                {
                    yield return fault;
                    yield break;
                }
                yield return row;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<Outcome<HistoryReport?>> NextAsync(StreamReader reader, CancellationToken cancel)
    {
        string? name = null, data = null;
        try
        {
            while (await reader.ReadLineAsync(cancel).ConfigureAwait(false) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                    name = line["event: ".Length..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                    data = line["data: ".Length..];
                if (line.Length > 0 || data is null)
                    continue;
                if (name == "history")
                    return JsonSerializer.Deserialize(data, AgentJson.Default.HistoryReport);
                if (name == "fault")
                    return FaultOf(JsonSerializer.Deserialize(data, AgentJson.Default.Problem)!);
                (name, data) = (null, null);
            }
            return Gone("the agent ended");
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The stream was cut: the agent was killed.
            return Gone(e.Message);
        }
    }

    private static StringContent Body<T>(T value, JsonTypeInfo<T> type) =>
        new(JsonSerializer.Serialize(value, type), Encoding.UTF8, "application/json");

    private async Task<Outcome<T>> CallAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> answer,
        CancellationToken cancel)
    {
        using HttpRequestMessage request = new(method, path) { Content = body };
        if (!(await SendAsync(request, HttpCompletionOption.ResponseContentRead,
            cancel).ConfigureAwait(false)).Try(out HttpResponseMessage? response, out Fault? fault))
            return fault;
        using (response)
        {
            try
            {
                Stream stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
                return Outcome<T>.Of((await JsonSerializer.DeserializeAsync(stream, answer, cancel).ConfigureAwait(false))!);
            }
            catch (JsonException e)
            {
                return Strange(e.Message);
            }
        }
    }

    private async Task<Outcome<HttpResponseMessage>> SendAsync(HttpRequestMessage request, HttpCompletionOption until,
        CancellationToken cancel)
    {
        try
        {
            HttpResponseMessage response = await _http.SendAsync(request, until, cancel).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                return await FaultOfAsync(response, cancel).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            // Whatever goes wrong between here and the agent: mostly that there is none.
            return e.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied }
                ? new Fault(FaultKind.NotPermitted, $"the agent's socket {_socket} may not be used")
                {
                    Cause = "it is root's; members of group vfleet may read where there is such a group",
                    Remedy = "run as root",
                    Target = _socket,
                }
                : Gone(e.InnerException?.Message ?? e.Message);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            return Fault.TimedOut($"the agent at {_socket} does not answer", e.Message, "look at its log: journalctl -u vfleet-agent",
                _socket);
        }
    }

    private async Task<Fault> FaultOfAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        string text = await response.Content.ReadAsStringAsync(cancel).ConfigureAwait(false);
        try
        {
            return response.Content.Headers.ContentType?.MediaType == "application/problem+json"
                ? FaultOf(JsonSerializer.Deserialize(text, AgentJson.Default.Problem)!)
                : Strange($"status {(int)response.StatusCode}: {text}");
        }
        catch (JsonException e)
        {
            return Strange(e.Message);
        }
    }

    /// <summary>A failure as the agent told it.</summary>
    public static Fault FaultOf(Problem problem) =>
        new(Enum.TryParse(problem.Kind, ignoreCase: true, out FaultKind kind) ? kind : FaultKind.Internal, problem.Error)
    {
        Cause = problem.Cause,
        Remedy = problem.Remedy,
        Operation = problem.Operation,
        Target = problem.Target,
        Errno = Enum.TryParse(problem.Errno, out Errno errno) ? errno : null,
    };

    private Fault Strange(string cause) =>
        new(FaultKind.Internal, $"what answers at {_socket} is no agent of this version") { Cause = cause, Target = _socket };

    private Fault Gone(string cause) =>
        Fault.NotFound($"no agent runs at {_socket}", "start one with `vfleet agent`, or systemctl start vfleet-agent",
            _socket) with { Cause = cause };
}
