namespace Vfleet.Linux.Generic.Devlink;

/// <summary>What a rate object limits: a leaf is a port's function, a node is a group of them.</summary>
/// <param name="Device">The device.</param>
/// <param name="Port">The leaf's port; null for a node.</param>
/// <param name="Node">The node's name; null for a leaf.</param>
public readonly record struct RateHandle(DevlinkHandle Device, uint? Port, string? Node)
{
    /// <summary>A leaf.</summary>
    public static RateHandle OfLeaf(DevlinkPortHandle port) => new(port.Device, port.Index, null);

    /// <summary>A node.</summary>
    public static RateHandle OfNode(DevlinkHandle device, string name) => new(device, null, name);

    /// <summary>As <c>devlink</c> writes it: <c>pci/0000:01:00.0/1</c>, <c>pci/0000:01:00.0/gold</c>.</summary>
    public override string ToString() => Node is not null ? $"{Device}/{Node}" : new DevlinkPortHandle(Device, Port ?? 0).ToString();
}

/// <summary>A rate object. Rates are in bytes a second, as the kernel keeps them; 0 is no limit.</summary>
/// <param name="Handle">What it limits.</param>
/// <param name="TxShare">Guaranteed rate.</param>
/// <param name="TxMax">Largest rate.</param>
/// <param name="TxPriority">Strict priority among siblings; null before kernel 6.2.</param>
/// <param name="TxWeight">Weight among siblings of one priority; null before kernel 6.2.</param>
/// <param name="Parent">The node it belongs to; null at the top.</param>
public sealed record DevlinkRate(RateHandle Handle, ulong TxShare, ulong TxMax, uint? TxPriority, uint? TxWeight, string? Parent);

/// <summary>What to change in a rate object; null leaves a property as it is. Rates are in bytes a second; 0 is no limit.</summary>
public sealed record RateChange
{
    /// <summary>Guaranteed rate.</summary>
    public ulong? TxShare { get; init; }

    /// <summary>Largest rate.</summary>
    public ulong? TxMax { get; init; }

    /// <summary>Strict priority among siblings.</summary>
    public uint? TxPriority { get; init; }

    /// <summary>Weight among siblings of one priority.</summary>
    public uint? TxWeight { get; init; }

    /// <summary>The node it shall belong to; empty for none.</summary>
    public string? Parent { get; init; }
}
