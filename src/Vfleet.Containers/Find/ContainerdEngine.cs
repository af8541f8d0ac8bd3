namespace Vfleet.Containers.Find;

/// <summary>
/// containerd, by the folders of its tasks: <c>NAMESPACE/ID/init.pid</c>. Names are known to its clients only; here they are ids.
/// </summary>
/// <param name="files">The machine's files.</param>
/// <param name="places">Where the folders are.</param>
public sealed class ContainerdEngine(IFileTree files, ContainerPlaces places) : IContainerEngine
{
    /// <inheritdoc/>
    public string Name => "containerd";

    /// <inheritdoc/>
    public Task<Outcome<IReadOnlyList<FoundContainer>>> FindAsync(string name, CancellationToken cancel) => Task.FromResult(Find(name));

    private Outcome<IReadOnlyList<FoundContainer>> Find(string name)
    {
        if (!files.List(places.ContainerdTasks).Try(out IReadOnlyList<string>? spaces, out Fault? fault))
        {
            return fault.Kind == FaultKind.NotFound
                ? Fault.NotFound($"no {places.ContainerdTasks}", target: places.ContainerdTasks)
                : fault;
        }
        List<FoundContainer> found = [];
        foreach (string space in spaces)
        {
            string folder = $"{places.ContainerdTasks}/{space}";
            // One that ended meanwhile has none.
            foreach (string id in (files.List(folder).Or([]) ?? []).Where(id => id == name || ContainerProcess.IsId(id, name)))
                found.Add(new FoundContainer(Name, id, id, ContainerProcess.Read(files, $"{folder}/{id}/init.pid", id)));
        }
        return found;
    }
}
