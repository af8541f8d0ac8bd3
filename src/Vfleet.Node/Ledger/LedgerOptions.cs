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

    /// <summary>Whether there is a ledger.</summary>
    /// <returns>
    /// NotPermitted where that may not be looked at, for then nobody can say that there is none; Usage where something else stands in its place.
    /// </returns>
    public Outcome<bool> IsThere()
    {
        try
        {
            return File.GetAttributes(Path).HasFlag(FileAttributes.Directory)
                ? Fault.Usage($"{Path} is a directory, where the ledger should be", "move it away, or give another directory with --state", Path)
                : true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The file system's only way to say that there is none. A state directory that is something else can never have one.
            return !Directory.Exists(StateDirectory) && new FileInfo(StateDirectory) is { } other && (other.Exists || other.LinkTarget is not null)
                ? Fault.Usage($"the state directory {StateDirectory} is no directory", "give another one with --state", StateDirectory)
                : false;
        }
        catch (UnauthorizedAccessException e)
        {
            // Its only way to say EACCES.
            return Forbidden(Path, e);
        }
        catch (IOException e)
        {
            // A circle of links, or a disk that does not answer.
            return Fault.Usage($"{Path} cannot be looked at", "give another directory with --state", Path) with { Cause = e.Message };
        }
    }

    /// <summary>The fault of a place that this user may not look at.</summary>
    internal static Fault Forbidden(string path, Exception e) => new(FaultKind.NotPermitted, $"the ledger {path} may not be opened")
    {
        Cause = e.Message,
        Target = path,
        Remedy = "run as root, or give a directory of your own with --state",
    };
}
