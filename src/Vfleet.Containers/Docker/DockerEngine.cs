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
    private readonly EngineSocket _socket;

    /// <param name="path">The socket.</param>
    public DockerEngine(string path = DefaultPath)
    {
        _path = path;
        _socket = new EngineSocket(path, Patience, LongestAnswer);
    }

    /// <summary>The endpoints of a network, each with its container's name. Equivalent to <c>docker network inspect ID</c>.</summary>
    /// <param name="network">The network's id.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Null where dockerd knows no such network; a fault where it does not answer, or not as it should.</returns>
    public async Task<Outcome<IReadOnlyDictionary<string, string>?>> EndpointsAsync(string network, CancellationToken cancel)
    {
        if (!(await _socket.GetAsync($"networks/{network}", cancel).ConfigureAwait(false)).Try(out byte[]? body, out Fault? fault))
            return Silent(fault.Error);
        if (body is null)
            return Outcome<IReadOnlyDictionary<string, string>?>.Of(null);
        try
        {
            // No list is no empty list: nobody dies of an answer that was meant otherwise.
            return JsonSerializer.Deserialize(body, DockerJson.Default.EngineNetwork)?.Containers is { } endpoints
                ? Outcome<IReadOnlyDictionary<string, string>?>.Of(endpoints.Values.Where(each => each?.EndpointID is not null)
                    .DistinctBy(each => each!.EndpointID)
                    .ToDictionary(each => each!.EndpointID!, each => each!.Name ?? "", StringComparer.Ordinal))
                : Silent("its answer lists no containers");
        }
        catch (JsonException e)
        {
            // The parser's only way to refuse.
            return Silent(e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private Fault Silent(string cause) => new(FaultKind.Kernel, $"dockerd does not tell on {_path}")
    {
        Cause = cause,
        Target = _path,
        Remedy = "start it, or name its socket with --docker-engine",
    };
}
