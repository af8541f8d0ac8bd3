using System.Net;
using System.Text.Json;

namespace Vfleet.Containers.Docker;

/// <summary>Asks dockerd what it knows, over its own API. Safe for concurrent use.</summary>
public sealed class DockerEngine : IDisposable
{
    /// <summary>Where dockerd serves its API.</summary>
    public const string DefaultPath = "/run/docker.sock";

    private const int LongestAnswer = 16 << 20;

    // It answers from memory; one that restarts lets callers wait.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly HttpClient _client;

    /// <param name="path">The socket.</param>
    public DockerEngine(string path = DefaultPath)
    {
        _path = path;
        _client = EngineSocket.Open(path, Patience, LongestAnswer);
    }

    /// <summary>The endpoints of a network, each with its container's name. Equivalent to <c>docker network inspect ID</c>.</summary>
    /// <param name="network">The network's id.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Null where dockerd knows no such network; a fault where it does not answer, or not as it should.</returns>
    public async Task<Outcome<IReadOnlyDictionary<string, string>?>> EndpointsAsync(string network, CancellationToken cancel)
    {
        try
        {
            Uri place = new($"networks/{network}", UriKind.Relative);
            using HttpResponseMessage answer = await _client.GetAsync(place, cancel).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.NotFound)
                return Outcome<IReadOnlyDictionary<string, string>?>.Of(null);
            if (answer.StatusCode != HttpStatusCode.OK)
                return Silent($"it answers {(int)answer.StatusCode}");
            using Stream body = await answer.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
            EngineNetwork? known =
                await JsonSerializer.DeserializeAsync(body, DockerJson.Default.EngineNetwork, cancel).ConfigureAwait(false);
            // No list is no empty list: nobody dies of an answer that was meant otherwise.
            return known?.Containers is { } endpoints
                ? Outcome<IReadOnlyDictionary<string, string>?>.Of(endpoints.Values.Where(each => each?.EndpointID is not null)
                    .DistinctBy(each => each!.EndpointID)
                    .ToDictionary(each => each!.EndpointID!, each => each!.Name ?? "", StringComparer.Ordinal))
                : Silent("its answer lists no containers");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Silent($"no answer within {Patience.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException)
        {
            // The client's only ways to say that nobody listens, or that the answer is none.
            return Silent(e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private Fault Silent(string cause) => new(FaultKind.Kernel, $"dockerd does not tell on {_path}")
    {
        Cause = cause,
        Target = _path,
        Remedy = "start it, or name its socket with --docker-engine",
    };
}
