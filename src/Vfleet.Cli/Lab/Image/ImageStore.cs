using Vfleet.Linux;

namespace Vfleet.Cli.Lab.Image;

/// <summary>The lab's cache: gives the image to boot, fetching and building only what is not there yet.</summary>
internal sealed class ImageStore(string cache, bool isRoot, IProgress<string> progress, TimeProvider time)
{
    /// <summary>As long as another vfleet may take to fetch everything.</summary>
    private static readonly TimeSpan LockDeadline = TimeSpan.FromMinutes(20);

    private Apt? _apt;

    internal async Task<LabImage> EnsureAsync(CancellationToken cancellation)
    {
        RequireDebian();
        LabPaths.CreatePrivate(cache);
        await using FileStream held = await FileLock.TakeAsync(
            Path.Combine(cache, "cache.lock"), LockDeadline, "the lab's cache", progress, time, cancellation);
        CacheEntry.RemoveUnfinished(Path.Combine(cache, "kernel"));
        CacheEntry.RemoveUnfinished(Path.Combine(cache, "image"));

        KernelTree? kernel = KernelTree.FindIn(cache);
        await HostTools.EnsureAsync(AptAsync, forBuild: kernel is null, isRoot, progress, cancellation);
        kernel ??= await KernelTree.FetchAsync(cache, await AptAsync(cancellation), progress, cancellation);
        LabImage image = await LabImage.EnsureAsync(cache, kernel, progress, time, cancellation);
        if (_apt is not null)
            Directory.Delete(Path.Combine(cache, "apt"), recursive: true);
        return image;
    }

    private async Task<Apt> AptAsync(CancellationToken cancellation)
    {
        if (_apt is null)
        {
            progress.Report("reading Debian's package lists");
            Apt apt = new(Path.Combine(cache, "apt"), DebianSources.OfMachine());
            await apt.UpdateAsync(cancellation);
            _apt = apt;
        }

        return _apt;
    }

    private static void RequireDebian()
    {
        if (!OperatingSystem.IsLinux() || System.Runtime.InteropServices.RuntimeInformation.OSArchitecture != System.Runtime.InteropServices.Architecture.X64)
            throw new LabException(Fault.Unsupported("the lab runs on 64-bit x86 Linux only"));
        if (Programs.Find("apt-get") is null || Programs.Find("dpkg") is null)
            throw new LabException(Fault.Unsupported("the lab is built from Debian's packages, and apt-get is not there"));
    }
}
