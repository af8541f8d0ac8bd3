using System.Security.Cryptography;
using System.Text;

namespace Vfleet.Cli.Lab.Qemu;

/// <summary>
/// The guest's disk for /var/lib and swap. It lies in the cache, not in the runtime directory: that one is mostly held in
/// memory. Made by `lab up`, kept by `lab reboot`, removed by `lab down`.
/// </summary>
internal static class ScratchDisk
{
    /// <summary>Sparse: it takes only what the guest writes.</summary>
    private const long SizeBytes = 32L * 1024 * 1024 * 1024;

    /// <summary>One per runtime directory, so that several labs can share a cache.</summary>
    internal static string PathFor(LabPaths paths)
    {
        string id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(paths.Runtime)))[..12];
        return Path.Combine(paths.Cache, $"scratch-{id}.img");
    }

    /// <summary>Equivalent to <c>truncate -s 32G FILE; mkfs.ext4 FILE</c>; the guest creates the swap file on it.</summary>
    internal static async Task CreateAsync(string path, CancellationToken cancellation)
    {
        await using (FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None))
            file.SetLength(SizeBytes);
        await Programs.RequireAsync(
            "mkfs.ext4",
            ["-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", path],
            "cannot make the lab's scratch disk",
            cancellation);
    }
}
