using System.Net;
using System.Text.Json;

namespace Vfleet.Containers.Find;

/// <summary>Docker, by its API. Equivalent to <c>docker inspect NAME</c> (Engine API, GET /containers/{id}/json).</summary>
/// <param name="files">The machine's files.</param>
/// <param name="places">Where its socket is.</param>
public sealed class DockerEngine(IFileTree files, ContainerPlaces places) : IContainerEngine
{
    private const int LongestAnswer = 4 << 20;
    private const string NameKey = "Name";

    /// <inheritdoc/>
    public string Name => "docker";

    /// <inheritdoc/>
    public async Task<Outcome<IReadOnlyList<FoundContainer>>> FindAsync(string name, CancellationToken cancel)
    {
        // No dockerd starts because of a question.
        if (!files.Exists(places.DockerSocket))
            return Fault.NotFound($"no {places.DockerSocket}", target: places.DockerSocket);
        using HttpClient http = EngineSocket.Open(places.DockerSocket, places.Deadline, LongestAnswer);
        try
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri($"containers/{name}/json", UriKind.Relative), cancel)
                .ConfigureAwait(false);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => Read(body),
                HttpStatusCode.NotFound => Outcome<IReadOnlyList<FoundContainer>>.Of([]),
                _ => Unasked($"it answered {(int)response.StatusCode}"),
            };
        }
        catch (HttpRequestException e)
        {
            // The runtime's only way to say that nobody listens, that we may not connect, or that the answer is none.
            return Unasked(e.InnerException?.Message ?? e.Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The client's own deadline.
            return Unasked($"no answer within {places.Deadline.TotalSeconds:0.###} s") with { Kind = FaultKind.TimedOut };
        }
    }

    private Outcome<IReadOnlyList<FoundContainer>> Read(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement state = document.RootElement.GetProperty("State");
            int process = state.GetProperty("Running").GetBoolean() ? state.GetProperty("Pid").GetInt32() : 0;
            string id = document.RootElement.GetProperty("Id").GetString()!;
            string known = document.RootElement.GetProperty(NameKey).GetString()!.TrimStart('/');
            return Outcome<IReadOnlyList<FoundContainer>>.Of([new FoundContainer(Name, known, id, process > 0 ? process : null)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Not what Docker answers: somebody else listens there.
            return Unasked($"its answer is not understood: {e.Message}");
        }
    }

    private Fault Unasked(string why) => Fault.Unsupported($"{places.DockerSocket} could not be asked: {why}", target: places.DockerSocket);
}
