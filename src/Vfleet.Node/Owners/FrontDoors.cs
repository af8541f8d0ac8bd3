namespace Vfleet.Node.Owners;

/// <summary>The front doors of this process, by name.</summary>
public sealed class FrontDoors
{
    private readonly Dictionary<string, IFrontDoor> _doors;

    /// <summary>Registers front doors.</summary>
    /// <exception cref="ArgumentException">Two have the same name.</exception>
    public FrontDoors(params IEnumerable<IFrontDoor> doors) => _doors = doors.ToDictionary(door => door.Name, StringComparer.Ordinal);

    /// <summary>None: workloads cannot be asked for.</summary>
    public static FrontDoors None { get; } = new();

    /// <summary>These and one more.</summary>
    /// <exception cref="ArgumentException">There is one of that name.</exception>
    public FrontDoors With(IFrontDoor door) => new(_doors.Values.Append(door));

    /// <summary>Their names, sorted by ordinal.</summary>
    public IReadOnlyList<string> Names => [.. _doors.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The front door of that name; null where this process has none, as when another program registered the workload.</summary>
    public IFrontDoor? Find(string? name) => name is null ? null : _doors.GetValueOrDefault(name);
}
