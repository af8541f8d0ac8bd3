using System.Globalization;

namespace Vfleet.Containers.Find;

/// <summary>Finds a running container by name or id, whichever engine runs it.</summary>
/// <param name="engines">The engines, asked in this order.</param>
public sealed class ContainerFinder(IReadOnlyList<IContainerEngine> engines)
{
    private const int LongestName = 128;

    /// <summary>A finder that asks every engine Vfleet knows.</summary>
    /// <param name="files">The machine's files.</param>
    /// <param name="places">Where engines keep their state.</param>
    public static ContainerFinder OfAll(IFileTree files, ContainerPlaces places) => new(
    [
        new DockerEngine(files, places),
        new PodmanEngine(files, places),
        new ContainerdEngine(files, places),
        new NspawnEngine(files, places),
    ]);

    /// <summary>The one running container of a name.</summary>
    /// <param name="text">A name, an id or the beginning of one; an engine and a colon may come before: <c>docker:web</c>.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>
    /// NotFound where no engine knows it, Refused where it does not run or several that do have the name, Usage for what is no name.
    /// The same process by two engines, as by Docker and the containerd below it, counts once.
    /// </returns>
    public async Task<Outcome<FoundContainer>> FindAsync(string text, CancellationToken cancel = default)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        (string? engine, string name) = colon < 0 ? (null, text) : (text[..colon], text[(colon + 1)..]);
        IContainerEngine[] asked = [.. engines.Where(each => engine is null || each.Name == engine)];
        if (asked.Length == 0)
            return Fault.Usage($"no container engine {engine}", $"known: {string.Join(", ", engines.Select(each => each.Name))}", text);
        if (!IsName(name))
            return Fault.Usage($"\"{name}\" is no name or id of a container", "letters, digits and _ . - make one, 128 at most", text);
        List<FoundContainer> found = [];
        List<string> answers = [];
        foreach (IContainerEngine each in asked)
        {
            Outcome<IReadOnlyList<FoundContainer>> answer = await each.FindAsync(name, cancel).ConfigureAwait(false);
            found.AddRange(answer.Or([]) ?? []);
            answers.Add($"{each.Name}: {answer.Fault?.Error ?? "none of this name"}");
        }
        return Choose(name, found, answers);
    }

    private static Outcome<FoundContainer> Choose(string name, List<FoundContainer> found, List<string> answers)
    {
        FoundContainer[] running = [.. found.Where(each => each.Process is not null).DistinctBy(each => each.Process)];
        if (running.Length == 1)
            return running[0];
        if (running.Length > 1)
        {
            IEnumerable<string> words = running.Select(each =>
                string.Create(CultureInfo.InvariantCulture, $"{each.Engine}:{each.Name} ({Short(each.Id)}, process {each.Process})"));
            return Fault.Refused($"{running.Length} running containers are meant by {name}", string.Join(", ", words),
                "write the engine before it, or the whole id, or name a process with --pid", name);
        }
        return found is [var ended, ..]
            ? Fault.Refused($"container {ended.Name} of {ended.Engine} does not run", "only what runs has a network namespace",
                "start it, then try again", name)
            : Fault.NotFound($"no container {name}", "name one that runs, or a process of it with --pid", name)
                with { Cause = string.Join("; ", answers) };
    }

    private static string Short(string id) => id.Length > 12 ? id[..12] : id;

    /// <summary>Each engine's own rule, or narrower: it becomes a part of paths and of a URL.</summary>
    private static bool IsName(string name) => name.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(name[0])
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '-');
}
