using System.Diagnostics.CodeAnalysis;

namespace Vfleet.Host.State;

/// <summary>
/// Directories and files of the state directory. They are their owner's alone: a record names tenants' namespaces and addresses, and whoever
/// may open a lock's file may hold the lock for ever.
/// </summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public static class StateFolder
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the state directory, and a folder in it where one is named. Equivalent to <c>mkdir -p -m 700</c>. One that exists keeps its mode.</summary>
    /// <returns>Its path.</returns>
    public static string Make(string stateDirectory, string? folder = null)
    {
        // The runtime gives the mode to the last directory only, so each is made for itself.
        Directory.CreateDirectory(stateDirectory, OwnersFolder);
        return string.IsNullOrEmpty(folder) ? stateDirectory : Directory.CreateDirectory(Path.Combine(stateDirectory, folder), OwnersFolder).FullName;
    }

    /// <summary>Opens a file that is made with mode 600.</summary>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share) =>
        new(path, new FileStreamOptions { Mode = mode, Access = access, Share = share, UnixCreateMode = OwnersFile });
}
