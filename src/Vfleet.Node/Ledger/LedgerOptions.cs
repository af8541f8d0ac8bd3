namespace Vfleet.Node.Ledger;

/// <summary>Where the ledger is and how long it waits.</summary>
public sealed record LedgerOptions
{
    /// <summary>The state directory.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Longest wait for another process's change, whole seconds; changes take milliseconds.</summary>
    public TimeSpan LockDeadline { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// False for simulations alone, which end processes and never the machine's power: changes are not waited for on the disk. Nothing that people
    /// run can switch it.
    /// </summary>
    internal bool WaitsForDisk { get; init; } = true;

    /// <summary>Path of the ledger.</summary>
    public string Path => System.IO.Path.Combine(StateDirectory, "ledger.db");
}
