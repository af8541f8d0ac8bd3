using System.Globalization;

namespace Vfleet.Simulation.Nodes;

/// <summary>A state directory that ends with the simulation; in memory where the machine has such a place.</summary>
internal sealed class SimulationFolder : IDisposable
{
    /// <summary>tmpfs on every Linux (shm_overview(7)).</summary>
    private const string Memory = "/dev/shm";

    private static int _made;

    private readonly DirectoryInfo _folder = Make();

    /// <summary>Its path.</summary>
    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    private static DirectoryInfo Make()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"vfleet-simulation-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}");
        try
        {
            if (Directory.Exists(Memory))
                return Directory.CreateDirectory(System.IO.Path.Combine(Memory, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Read-only or forbidden, as in some containers: a disk is slower and as good.
        }
        return Directory.CreateTempSubdirectory("vfleet-simulation-");
    }
}
