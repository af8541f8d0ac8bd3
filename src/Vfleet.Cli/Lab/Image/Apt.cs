using Vfleet.Linux;

namespace Vfleet.Cli.Lab.Image;

/// <summary>
/// apt with sources, lists and archives of its own below one directory: the machine's configuration stays as it is, and
/// fetching needs no privilege.
/// </summary>
internal sealed class Apt
{
    private readonly string _directory;
    private readonly DebianSources _sources;
    private readonly string[] _options;

    internal Apt(string directory, DebianSources sources)
    {
        _directory = directory;
        _sources = sources;
        _options =
        [
            "-q",
            "-o", "Dir::Etc::SourceList=/dev/null",
            "-o", $"Dir::Etc::SourceParts={Path.Combine(directory, "sources")}",
            "-o", $"Dir::State::Lists={Path.Combine(directory, "lists")}",
            "-o", $"Dir::Cache={Path.Combine(directory, "cache")}",
            "-o", "APT::Sandbox::User=",
            "-o", "APT::Update::Error-Mode=any",
            "-o", "Acquire::Languages=none",
            "-o", "Acquire::Retries=2",
            "-o", "DPkg::Lock::Timeout=300",
            "-o", "Dpkg::Options::=--force-confold",
        ];
    }

    internal string Backports => _sources.Backports;

    /// <summary>Equivalent to <c>apt-get update</c>.</summary>
    internal async Task UpdateAsync(CancellationToken cancellation)
    {
        foreach (string part in (string[])["sources", "lists/partial", "cache/archives/partial"])
            Directory.CreateDirectory(Path.Combine(_directory, part));
        await File.WriteAllTextAsync(Path.Combine(_directory, "sources/lab.sources"), _sources.Stanzas, cancellation);
        ProgramResult result = await RunAsync("apt-get", ["update"], cancellation);
        if (result.Succeeded)
            return;
        bool lacksBackports = result.Error.Split('\n').Any(line =>
            line.Contains(Backports, StringComparison.Ordinal) && line.Contains("Release", StringComparison.Ordinal));
        throw lacksBackports
            ? new LabException(Fault.NotFound($"the configured Debian mirror has no suite {Backports}, which the lab's QEMU comes from", "use a full mirror")
                with { Cause = result.LastLines(2) })
            : new LabException(Fault.NotFound("cannot fetch Debian's package lists", "check the network and /etc/apt") with { Cause = result.LastLines(2) });
    }

    /// <summary>Equivalent to <c>apt-cache pkgnames PREFIX</c>.</summary>
    internal async Task<IReadOnlyList<string>> NamesAsync(string prefix, CancellationToken cancellation)
    {
        ProgramResult result = await RunAsync("apt-cache", ["pkgnames", prefix], cancellation);
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Equivalent to <c>apt-cache madison PACKAGE</c>: the versions on offer, newest first.</summary>
    internal async Task<IReadOnlyList<string>> VersionsAsync(string package, CancellationToken cancellation)
    {
        ProgramResult result = await RunAsync("apt-cache", ["madison", package], cancellation);
        return [.. result.Output.Split('\n')
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(columns => columns.Length == 3 && columns[0] == package && columns[2].EndsWith(" Packages", StringComparison.Ordinal))
            .Select(columns => columns[1])
            .Distinct()];
    }

    /// <summary>Equivalent to <c>apt-get download PACKAGE…</c> into <paramref name="directory"/>.</summary>
    internal async Task DownloadAsync(string directory, IReadOnlyList<string> packages, CancellationToken cancellation)
    {
        ProgramResult result = await Programs.RunAsync("apt-get", [.. _options, "download", .. packages], cancellation, directory);
        if (!result.Succeeded)
        {
            throw new LabException(Fault.NotFound($"cannot fetch {string.Join(' ', packages)}", "check the network and /etc/apt")
                with { Cause = result.LastLines(2) });
        }
    }

    /// <summary>Equivalent to <c>apt-get install --no-install-recommends PACKAGE…</c>, out of <paramref name="suite"/> where given.</summary>
    internal async Task InstallAsync(IReadOnlyList<string> packages, string? suite, CancellationToken cancellation)
    {
        string[] arguments = ["install", "-y", "--no-install-recommends", .. suite is null ? (string[])[] : ["-t", suite], .. packages];
        ProgramResult result = await RunAsync("apt-get", arguments, cancellation);
        if (!result.Succeeded)
        {
            throw new LabException(new Fault(FaultKind.Internal, $"cannot install {string.Join(' ', packages)}")
            {
                Remedy = "repair apt (apt-get -f install), then try again",
            })
            { Log = result.LastLines() };
        }
    }

    private Task<ProgramResult> RunAsync(string program, string[] arguments, CancellationToken cancellation) =>
        Programs.RunAsync(program, [.. _options, .. arguments], cancellation);
}
