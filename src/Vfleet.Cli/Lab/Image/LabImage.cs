using System.Security.Cryptography;
using System.Text;

namespace Vfleet.Cli.Lab.Image;

/// <summary>What QEMU boots: <c>image/HASH/{initrd.img, modules/RELEASE/…}</c> in the cache, made from a kernel and lab/.</summary>
/// <param name="Directory">The entry's directory.</param>
/// <param name="Kernel">The kernel it is for.</param>
internal sealed record LabImage(string Directory, KernelTree Kernel)
{
    private static readonly TimeSpan KeptUnused = TimeSpan.FromDays(14);

    internal string Initramfs => Path.Combine(Directory, "initrd.img");

    /// <summary>Becomes /lib/modules in the guest.</summary>
    internal string Modules => Path.Combine(Directory, "modules");

    private string Used => Path.Combine(Directory, "used");

    /// <summary>Finds or makes the image for this kernel and this version of lab/.</summary>
    internal static async Task<LabImage> EnsureAsync(
        string cache, KernelTree kernel, IProgress<string> progress, TimeProvider time, CancellationToken cancellation)
    {
        byte[] init = LabResources.Read("init");
        byte[] list = LabResources.Read("modules.txt");
        LabImage image = new(Path.Combine(cache, "image", HashOf(init, list, kernel)), kernel);
        if (!File.Exists(image.Initramfs))
        {
            progress.Report($"making the initramfs for Linux {kernel.Release}");
            ModuleList modules = ModuleList.Parse(Encoding.UTF8.GetString(list));
            await CacheEntry.MakeAsync(image.Directory, directory => FillAsync(directory, kernel, init, modules, cancellation));
        }

        await File.WriteAllTextAsync(image.Used, "", cancellation);
        File.SetLastWriteTimeUtc(image.Used, time.GetUtcNow().UtcDateTime);
        RemoveUnused(cache, time.GetUtcNow() - KeptUnused);
        return image;
    }

    private static async Task FillAsync(
        string directory, KernelTree kernel, byte[] init, ModuleList modules, CancellationToken cancellation)
    {
        // Hard links: the kernel's tree stays as it is, and the copy costs no space.
        await Programs.RequireAsync(
            "cp", ["-al", Path.Combine(kernel.Directory, "modules"), Path.Combine(directory, "modules")], "cannot copy the kernel's modules", cancellation);
        string tree = Path.Combine(directory, "modules", kernel.Release);
        await DepmodAsync(directory, kernel.Release, cancellation);
        ModuleDependencies packed = await ReadDependenciesAsync(tree, cancellation);
        string[] compressed = [.. packed.FilesOf(modules.All).Where(file => file.EndsWith(".xz", StringComparison.Ordinal))];
        await Programs.RequireAsync(
            "xz", ["-d", "-f", "-q", .. compressed.Select(file => Path.Combine(tree, file))], "cannot unpack the kernel's modules", cancellation);
        await DepmodAsync(directory, kernel.Release, cancellation);
        ModuleDependencies unpacked = await ReadDependenciesAsync(tree, cancellation);
        await Task.Run(() => InitramfsBuilder.Write(Path.Combine(directory, "initrd.img"), kernel, tree, init, modules, unpacked), cancellation);
    }

    /// <summary>depmod wants the tree below lib/modules; a link makes it look so.</summary>
    private static async Task DepmodAsync(string directory, string release, CancellationToken cancellation)
    {
        string root = Path.Combine(directory, "root");
        System.IO.Directory.CreateDirectory(Path.Combine(root, "lib"));
        System.IO.Directory.CreateSymbolicLink(Path.Combine(root, "lib/modules"), Path.Combine(directory, "modules"));
        await Programs.RequireAsync("depmod", ["-b", root, release], "cannot index the kernel's modules", cancellation);
        System.IO.Directory.Delete(root, recursive: true);
    }

    private static async Task<ModuleDependencies> ReadDependenciesAsync(string tree, CancellationToken cancellation) =>
        ModuleDependencies.Parse(await File.ReadAllLinesAsync(Path.Combine(tree, "modules.dep"), cancellation));

    private static string HashOf(byte[] init, byte[] modules, KernelTree kernel)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{InitramfsBuilder.Format}\n{kernel.Release}\n{File.GetLastWriteTimeUtc(kernel.Image).Ticks}\n"));
        hash.AppendData(init);
        hash.AppendData(modules);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <summary>Images of older versions of lab/ go once nobody has booted them for a while.</summary>
    private static void RemoveUnused(string cache, DateTimeOffset before)
    {
        foreach (string directory in System.IO.Directory.GetDirectories(Path.Combine(cache, "image")))
        {
            string used = Path.Combine(directory, "used");
            if (File.Exists(used) && File.GetLastWriteTimeUtc(used) < before.UtcDateTime)
                System.IO.Directory.Delete(directory, recursive: true);
        }
    }
}
