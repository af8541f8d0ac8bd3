using System.Text.RegularExpressions;
using Vfleet.Linux;

namespace Vfleet.Cli.Lab.Image;

/// <summary>The packages of one kernel: what boots, what builds a module for it, and its source.</summary>
/// <param name="Release">What <c>uname -r</c> will say in the guest.</param>
/// <param name="Version">The packages' version.</param>
internal sealed partial record KernelPackages(string Release, string Version)
{
    /// <summary>The long-term series whose igb, netdevsim and netlink behaviour the lab's facts were measured on.</summary>
    internal const string Series = "6.12";

    internal const string Source = $"linux-source-{Series}";

    private const string Flavour = "amd64";

    /// <summary>Headers come in three parts: of the flavour, of the version, and the build programs.</summary>
    private string Abi => Release[..^(Flavour.Length + 1)];

    internal string Image => $"linux-image-{Release}";

    internal IReadOnlyList<string> Headers => [$"linux-headers-{Release}", $"linux-headers-{Abi}-common", $"linux-kbuild-{Abi}"];

    /// <summary>The newest kernel of the series of which the mirror has image, headers and source in one version.</summary>
    internal static async Task<KernelPackages> ChooseAsync(Apt apt, CancellationToken cancellation)
    {
        IReadOnlyList<string> sources = await apt.VersionsAsync(Source, cancellation);
        IReadOnlyList<string> names = await apt.NamesAsync($"linux-image-{Series}.", cancellation);
        foreach (string release in NewestFirst(names))
        {
            foreach (string version in await apt.VersionsAsync($"linux-image-{release}", cancellation))
            {
                KernelPackages kernel = new(release, version);
                if (sources.Contains(version, StringComparer.Ordinal) && await kernel.HasHeadersAsync(apt, cancellation))
                    return kernel;
            }
        }

        throw new LabException(Fault.NotFound(
            $"the configured Debian mirror has no complete {Series} kernel (linux-image, linux-headers, {Source} of one version)",
            $"add Debian's security archive or {apt.Backports} to apt's sources"));
    }

    /// <summary>Releases of the wanted flavour among package names, the newest first.</summary>
    internal static IEnumerable<string> NewestFirst(IEnumerable<string> packages) => packages
        .Select(name => ImageName().Match(name))
        .Where(match => match.Success)
        .OrderByDescending(match => System.Version.Parse(match.Groups["number"].Value))
        .ThenByDescending(match => match.Groups["abi"].Value, StringComparer.Ordinal)
        .Select(match => match.Groups["release"].Value);

    private async Task<bool> HasHeadersAsync(Apt apt, CancellationToken cancellation)
    {
        foreach (string package in Headers)
        {
            if (!(await apt.VersionsAsync(package, cancellation)).Contains(Version, StringComparer.Ordinal))
                return false;
        }

        return true;
    }

    [GeneratedRegex(@"^linux-image-(?<release>(?<number>\d+\.\d+\.\d+)(?<abi>\+deb[0-9.]+)-amd64)$")]
    private static partial Regex ImageName();
}
