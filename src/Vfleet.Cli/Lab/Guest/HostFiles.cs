namespace Vfleet.Cli.Lab.Guest;

/// <summary>The host's files as the guest sees them.</summary>
internal static class HostFiles
{
    private const string DropCaches = "/proc/sys/vm/drop_caches";

    /// <summary>
    /// Equivalent to <c>echo 2 > /proc/sys/vm/drop_caches</c>. The guest caches the host's files for as long as it likes; this
    /// lets the next command see what was built or edited since. Files that are open in the guest keep their old content.
    /// </summary>
    internal static void Refresh()
    {
        if (Environment.GetEnvironmentVariable("VFLEET_IN_LAB") is not null)
            File.WriteAllText(DropCaches, "2");
    }
}
