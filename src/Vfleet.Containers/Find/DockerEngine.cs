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
        using EngineSocket socket = new(places.DockerSocket, places.Deadline, LongestAnswer);
        if (!(await socket.GetAsync($"containers/{name}/json", cancel).ConfigureAwait(false)).Try(out byte[]? body, out Fault? fault))
            return Unasked(fault.Error) with { Kind = fault.Kind };
        return body is null ? Outcome<IReadOnlyList<FoundContainer>>.Of([]) : Read(body);
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
