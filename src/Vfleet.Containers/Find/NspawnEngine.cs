namespace Vfleet.Containers.Find;

/// <summary>
/// systemd-nspawn, by what systemd-machined keeps of a machine: lines <c>KEY=VALUE</c>, of which LEADER is its first process.
/// </summary>
/// <param name="files">The machine's files.</param>
/// <param name="places">Where they are.</param>
public sealed class NspawnEngine(IFileTree files, ContainerPlaces places) : IContainerEngine
{
    private const string Leader = "LEADER=";

    /// <inheritdoc/>
    public string Name => "nspawn";

    /// <inheritdoc/>
    public Task<Outcome<IReadOnlyList<FoundContainer>>> FindAsync(string name, CancellationToken cancel) => Task.FromResult(Find(name));

    private Outcome<IReadOnlyList<FoundContainer>> Find(string name)
    {
        string path = $"{places.Machines}/{name}";
        if (!files.ReadText(path).Try(out string? text, out Fault? fault))
        {
            if (fault.Kind != FaultKind.NotFound)
                return fault;
            return files.Exists(places.Machines)
                ? Outcome<IReadOnlyList<FoundContainer>>.Of([])
                : Fault.NotFound($"no {places.Machines}", target: places.Machines);
        }
        string[] lines = text.Split('\n');
        // A virtual machine is registered in the same place; its process is the emulator, in the host's namespace.
        if (!lines.Contains("CLASS=container"))
            return Outcome<IReadOnlyList<FoundContainer>>.Of([]);
        string? leader = lines.FirstOrDefault(line => line.StartsWith(Leader, StringComparison.Ordinal))?[Leader.Length..];
        return Outcome<IReadOnlyList<FoundContainer>>.Of([new FoundContainer(Name, name, name, ContainerProcess.Running(files, leader))]);
    }
}
