using System.Collections.Concurrent;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Containers.Docker;

/// <summary>
/// Docker as a front door: an endpoint lives as long as dockerd knows it. dockerd writes an endpoint down after its driver has answered,
/// and reads its own state anew when it starts, so one that it does not know is dead only after it was unknown for a while.
/// </summary>
/// <param name="engine">Asks dockerd.</param>
/// <param name="time">Clock.</param>
public sealed class DockerDoor(DockerEngine engine, TimeProvider time) : IFrontDoor
{
    /// <summary>Its name in the ledger.</summary>
    public const string DoorName = "docker";

    /// <summary>How long an endpoint has to be unknown to a dockerd that answers.</summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, long> _missing = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => DoorName;

    /// <summary>How an endpoint is called in the ledger.</summary>
    public static string Words(string network, string endpoint) => $"{network}/{endpoint}";

    /// <inheritdoc/>
    public async ValueTask<Outcome<Life>> IsAliveAsync(Owner owner, CancellationToken cancel)
    {
        if (owner.Workload?.Split('/') is not [var network, var endpoint])
            return Life.Unknown("it was recorded without network and endpoint");
        Outcome<IReadOnlyDictionary<string, string>?> asked = await engine.EndpointsAsync(network, cancel).ConfigureAwait(false);
        if (!asked.Try(out IReadOnlyDictionary<string, string>? endpoints, out Fault? fault))
        {
            // Whoever does not answer may be reading its state anew: what was unknown before that tells nothing.
            _missing.Clear();
            return fault;
        }
        if (endpoints?.ContainsKey(endpoint) == true)
        {
            _missing.TryRemove(owner.Workload, out _);
            return Life.Alive;
        }
        string what = endpoints is null ? "dockerd knows no such network" : "dockerd knows no such endpoint";
        TimeSpan since = time.GetElapsedTime(_missing.GetOrAdd(owner.Workload, time.GetTimestamp()));
        return since < Doubt ? Life.Unknown($"{what} for {since.TotalSeconds:0} s") : Life.Dead(what);
    }

    /// <summary>Nothing is left to undo: networks are dockerd's to delete.</summary>
    public ValueTask<Outcome<Unit>> UndoAsync(FrontDoorUndo undo, CancellationToken cancel)
    {
        _missing.TryRemove(undo.Owner.Workload ?? "", out _);
        return ValueTask.FromResult<Outcome<Unit>>(Unit.Done);
    }
}
