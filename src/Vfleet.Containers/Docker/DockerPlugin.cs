using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Vfleet.Containers.Docker;

/// <summary>An answer to dockerd.</summary>
/// <param name="Status">HTTP status: 200, also for a call that was refused, or 404 for one that is not served.</param>
/// <param name="Body">JSON.</param>
public sealed record PluginReply(int Status, ReadOnlyMemory<byte> Body);

/// <summary>
/// The protocol of Docker's network and IPAM plugins: which call is which, its JSON, and its deadline. Safe for concurrent use.
/// </summary>
public sealed class DockerPlugin
{
    /// <summary>Content-Type of requests and answers.</summary>
    public const string ContentType = "application/vnd.docker.plugins.v1.2+json";

    /// <summary>Longest request, bytes.</summary>
    public const int LongestBody = 1 << 20;

    /// <summary>Below the 30 s after which dockerd gives a plugin up.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(25);

    private readonly Dictionary<string, Call> _calls;
    private readonly TimeProvider _time;
    private readonly Action<string> _tell;

    /// <param name="driver">Does the work.</param>
    /// <param name="ipam">Gives addresses.</param>
    /// <param name="time">Clock.</param>
    /// <param name="tell">Told of calls that were refused, or gave nobody an answer any more.</param>
    public DockerPlugin(DockerDriver driver, DockerIpam ipam, TimeProvider time, Action<string> tell)
    {
        (_time, _tell) = (time, tell);
        DockerJson json = DockerJson.Default;
        _calls = new Dictionary<string, Call>(StringComparer.Ordinal)
        {
            ["/Plugin.Activate"] = Always("""{"Implements":["NetworkDriver","IpamDriver"]}"""),
            ["/NetworkDriver.GetCapabilities"] = Always("""{"Scope":"local","ConnectivityScope":"local"}"""),
            ["/NetworkDriver.CreateNetwork"] = Done(json.CreateNetworkRequest, driver.CreateNetworkAsync),
            ["/NetworkDriver.DeleteNetwork"] = Done(json.DeleteNetworkRequest, driver.DeleteNetworkAsync),
            ["/NetworkDriver.CreateEndpoint"] = Answered(json.CreateEndpointRequest, json.CreateEndpointReply, driver.CreateEndpointAsync),
            ["/NetworkDriver.DeleteEndpoint"] = Done(json.EndpointRequest, driver.DeleteEndpointAsync),
            ["/NetworkDriver.EndpointOperInfo"] = Answered(json.EndpointRequest, json.OperInfoReply, driver.EndpointOperInfoAsync),
            ["/NetworkDriver.Join"] = Answered(json.JoinRequest, json.JoinReply, driver.JoinAsync),
            ["/NetworkDriver.Leave"] = Done(json.EndpointRequest, DockerDriver.LeaveAsync),
            // A VF is on the network itself: no port is forwarded to it, and no neighbour has to be told.
            ["/NetworkDriver.ProgramExternalConnectivity"] = Always("{}"),
            ["/NetworkDriver.RevokeExternalConnectivity"] = Always("{}"),
            ["/NetworkDriver.DiscoverNew"] = Always("{}"),
            ["/NetworkDriver.DiscoverDelete"] = Always("{}"),
            // With the MAC it is for, a question that is repeated is told from another one.
            ["/IpamDriver.GetCapabilities"] = Always("""{"RequiresMACAddress":true,"RequiresRequestReplay":false}"""),
            ["/IpamDriver.GetDefaultAddressSpaces"] =
                Always($$"""{"LocalDefaultAddressSpace":"{{DockerIpam.Space}}","GlobalDefaultAddressSpace":"{{DockerIpam.Space}}"}"""),
            ["/IpamDriver.RequestPool"] = Answered(json.PoolRequest, json.PoolReply, DockerIpam.RequestPoolAsync),
            ["/IpamDriver.ReleasePool"] = Done(json.PoolIdRequest, DockerIpam.ReleasePoolAsync),
            ["/IpamDriver.RequestAddress"] = Answered(json.AddressRequest, json.AddressReply, ipam.RequestAddressAsync),
            ["/IpamDriver.ReleaseAddress"] = Done(json.AddressRequest, ipam.ReleaseAddressAsync),
        };
    }

    private delegate Task<Outcome<ReadOnlyMemory<byte>>> Call(ReadOnlyMemory<byte> body, CancellationToken cancel);

    /// <summary>Answers a call, by the deadline at the latest; what was begun is finished or undone behind it.</summary>
    /// <param name="path">Such as <c>/NetworkDriver.Join</c>.</param>
    /// <param name="body">JSON.</param>
    /// <param name="cancel">Ends the waiting, as when dockerd goes away.</param>
    public async Task<PluginReply> CallAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        if (!_calls.TryGetValue(path, out Call? call))
            return new PluginReply(404, Error(Fault.NotFound($"{path} is not implemented")));
        using CancellationTokenSource late = new(Deadline, _time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        Task<Outcome<ReadOnlyMemory<byte>>> work = call(body, end.Token);
        Fault? fault;
        try
        {
            if ((await work.WaitAsync(end.Token).ConfigureAwait(false)).Try(out ReadOnlyMemory<byte> answer, out fault))
                return new PluginReply(200, answer);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            fault = Fault.TimedOut($"{path} took longer than {Deadline.TotalSeconds:0} s",
                "what it began is finished or undone", "try again");
            _ = work.ContinueWith(
                left => _tell($"{path} failed after its deadline: {left.Exception!.InnerException!.Message}"),
                CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
        _tell($"{path} was refused: {Sentence(fault)}");
        return new PluginReply(200, Error(fault));
    }

    /// <summary>The answer to a call that failed.</summary>
    public static ReadOnlyMemory<byte> Error(Fault fault) =>
        JsonSerializer.SerializeToUtf8Bytes(new ErrorReply(Sentence(fault)), DockerJson.Default.ErrorReply);

    private static string Sentence(Fault fault) =>
        string.Join("; ", ((string?[])[fault.Error, fault.Cause, fault.Remedy]).Where(part => part is not null));

    private static Call Always(string answer)
    {
        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(answer);
        return (_, _) => Task.FromResult<Outcome<ReadOnlyMemory<byte>>>(bytes);
    }

    private static Call Done<TRequest>(JsonTypeInfo<TRequest> request, Func<TRequest, CancellationToken, Task<Outcome<Unit>>> work) =>
        async (body, cancel) => Parse(body, request).Try(out TRequest? asked, out Fault? fault)
            ? (await work(asked, cancel).ConfigureAwait(false)).Map<ReadOnlyMemory<byte>>(_ => "{}"u8.ToArray())
            : fault;

    private static Call Answered<TRequest, TReply>(
        JsonTypeInfo<TRequest> request, JsonTypeInfo<TReply> reply, Func<TRequest, CancellationToken, Task<Outcome<TReply>>> work) =>
        async (body, cancel) => Parse(body, request).Try(out TRequest? asked, out Fault? fault)
            ? (await work(asked, cancel).ConfigureAwait(false))
                .Map<ReadOnlyMemory<byte>>(answer => JsonSerializer.SerializeToUtf8Bytes(answer, reply))
            : fault;

    private static Outcome<T> Parse<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
    {
        try
        {
            ReadTexts(body.Span);
            return JsonSerializer.Deserialize(body.Span, type) is { } request
                ? request
                : Fault.Usage("the request is null instead of an object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The parser's ways to say that this is no JSON, and that an escaped half of a character has no other half.
            return Fault.Usage($"the request is not what it should be: {e.Message}");
        }
    }

    /// <summary>The parser leaves escapes in options until a text is asked for; whoever asks later must not meet an exception.</summary>
    private static void ReadTexts(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                _ = reader.GetString();
        }
    }
}
