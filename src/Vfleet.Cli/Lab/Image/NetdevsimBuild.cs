using System.Globalization;

namespace Vfleet.Cli.Lab.Image;

/// <summary>Builds netdevsim and ptp_mock out of the kernel's source package: Debian's kernels come without them.</summary>
internal static class NetdevsimBuild
{
    private static readonly string[] Modules = ["netdevsim.ko", "ptp_mock.ko"];

    /// <summary>Takes the two drivers' files out of a <c>linux-source</c> package.</summary>
    internal static async Task UnpackSourceAsync(string package, string directory, CancellationToken cancellation)
    {
        const string name = $"linux-source-{KernelPackages.Series}";
        Directory.CreateDirectory(directory);
        await Programs.RequireAsync("dpkg", ["-x", package, directory], "cannot unpack the kernel's source package", cancellation);
        await Programs.RequireAsync(
            "tar",
            ["-xJf", Path.Combine(directory, $"usr/src/{name}.tar.xz"), "-C", directory, "--strip-components=1",
                $"{name}/drivers/net/netdevsim", $"{name}/drivers/ptp/ptp_mock.c"],
            "cannot unpack netdevsim from the kernel's source",
            cancellation);
        File.Delete(Path.Combine(directory, $"usr/src/{name}.tar.xz"));
    }

    /// <summary>Builds against headers that were unpacked below <paramref name="root"/>, which is not where they expect to be.</summary>
    internal static async Task RunAsync(string source, string root, string release, string target, CancellationToken cancellation)
    {
        string headers = Path.Combine(root, "usr/src", $"linux-headers-{release}");
        string makefile = Path.Combine(headers, "Makefile");
        string text = await File.ReadAllTextAsync(makefile, cancellation);
        await File.WriteAllTextAsync(
            makefile, text.Replace("include /usr/src/", $"include {root}/usr/src/", StringComparison.Ordinal), cancellation);

        string build = Path.Combine(source, "build");
        Directory.CreateDirectory(build);
        foreach (string file in Directory.GetFiles(Path.Combine(source, "drivers/net/netdevsim")).Append(Path.Combine(source, "drivers/ptp/ptp_mock.c")))
            File.Copy(file, Path.Combine(build, Path.GetFileName(file)), overwrite: true);
        // The kernel's own Makefile moves aside for ours, which includes it.
        File.Move(Path.Combine(build, "Makefile"), Path.Combine(build, "Makefile.kernel"));
        await File.WriteAllBytesAsync(Path.Combine(build, "Makefile"), LabResources.Read("netdevsim/Makefile"), cancellation);
        string jobs = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture);
        await Programs.RequireAsync("make", ["-C", build, $"-j{jobs}", $"KERNEL={headers}"], "cannot build netdevsim", cancellation);

        Directory.CreateDirectory(target);
        foreach (string module in Modules)
        {
            string built = Path.Combine(build, module);
            await Programs.RequireAsync("strip", ["--strip-debug", built], $"cannot strip {module}", cancellation);
            File.Move(built, Path.Combine(target, module));
        }
    }
}
