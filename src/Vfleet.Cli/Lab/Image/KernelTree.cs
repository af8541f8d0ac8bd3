using System.Globalization;

namespace Vfleet.Cli.Lab.Image;

/// <summary>A kernel in the cache: <c>kernel/RELEASE/{vmlinuz, busybox, modules/RELEASE/…}</c>, with netdevsim among its modules.</summary>
/// <param name="Directory">The entry's directory.</param>
/// <param name="Release">What <c>uname -r</c> will say.</param>
internal sealed record KernelTree(string Directory, string Release)
{
    internal string Image => Path.Combine(Directory, "vmlinuz");

    internal string Busybox => Path.Combine(Directory, "busybox");

    internal string Modules => Path.Combine(Directory, "modules", Release);

    /// <summary>The newest kernel of the cache, or null.</summary>
    internal static KernelTree? FindIn(string cache)
    {
        string parent = Path.Combine(cache, "kernel");
        return !System.IO.Directory.Exists(parent)
            ? null
            : KernelPackages.NewestFirst(System.IO.Directory.GetDirectories(parent).Select(path => $"linux-image-{Path.GetFileName(path)}"))
                .Select(release => new KernelTree(Path.Combine(parent, release), release))
                .FirstOrDefault(tree => File.Exists(tree.Image));
    }

    /// <summary>Fetches a kernel, builds netdevsim for it and puts both into the cache.</summary>
    internal static async Task<KernelTree> FetchAsync(string cache, Apt apt, IProgress<string> progress, CancellationToken cancellation)
    {
        KernelPackages packages = await KernelPackages.ChooseAsync(apt, cancellation);
        KernelTree tree = new(Path.Combine(cache, "kernel", packages.Release), packages.Release);
        await CacheEntry.MakeAsync(tree.Directory, directory => FillAsync(directory, packages, apt, progress, cancellation));
        return tree;
    }

    private static async Task FillAsync(
        string directory, KernelPackages kernel, Apt apt, IProgress<string> progress, CancellationToken cancellation)
    {
        string debs = Path.Combine(directory, "debs");
        string root = Path.Combine(directory, "root");
        System.IO.Directory.CreateDirectory(debs);
        progress.Report($"fetching Linux {kernel.Version} (image, headers, source)");
        string[] wanted = [kernel.Image, .. kernel.Headers, KernelPackages.Source];
        await apt.DownloadAsync(debs, [.. wanted.Select(package => $"{package}={kernel.Version}"), "busybox-static"], cancellation);
        progress.Report(string.Create(CultureInfo.InvariantCulture, $"unpacking {System.IO.Directory.GetFiles(debs).Length} packages"));
        Task source = NetdevsimBuild.UnpackSourceAsync(FileOf(debs, KernelPackages.Source), Path.Combine(directory, "source"), cancellation);
        foreach (string package in wanted[..^1].Append("busybox-static"))
            await UnpackAsync(FileOf(debs, package), root, cancellation);
        await source;

        progress.Report("building netdevsim");
        string modules = Path.Combine(root, "lib/modules", kernel.Release);
        await NetdevsimBuild.RunAsync(Path.Combine(directory, "source"), root, kernel.Release, Path.Combine(modules, "extra"), cancellation);
        // Links to the kernel's headers, which the cache does not keep.
        File.Delete(Path.Combine(modules, "build"));
        File.Delete(Path.Combine(modules, "source"));
        System.IO.Directory.CreateDirectory(Path.Combine(directory, "modules"));
        System.IO.Directory.Move(modules, Path.Combine(directory, "modules", kernel.Release));
        File.Move(Path.Combine(root, "boot", $"vmlinuz-{kernel.Release}"), Path.Combine(directory, "vmlinuz"));
        File.Move(Path.Combine(root, "bin/busybox"), Path.Combine(directory, "busybox"));
        foreach (string part in (string[])[debs, root, Path.Combine(directory, "source")])
            System.IO.Directory.Delete(part, recursive: true);
    }

    private static string FileOf(string debs, string package) => System.IO.Directory.GetFiles(debs, $"{package}_*.deb").Single();

    private static async Task UnpackAsync(string package, string root, CancellationToken cancellation) =>
        await Programs.RequireAsync("dpkg", ["-x", package, root], $"cannot unpack {Path.GetFileName(package)}", cancellation);
}
