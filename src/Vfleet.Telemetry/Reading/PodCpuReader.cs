using System.Text.RegularExpressions;

namespace Vfleet.Telemetry.Reading;

/// <summary>
/// CPUs that are kept for containers of pods, as today's exporter tells them: control groups of pods with CPUs of their own. Where nothing is kept for
/// one the kubelet writes the CPUs that all share, or none.
/// </summary>
/// <param name="files">The kernel's files.</param>
internal sealed partial class PodCpuReader(IFileTree files)
{
    private const string Checkpoint = "/var/lib/kubelet/cpu_manager_state";

    /// <summary>The one hierarchy's place for pods, and the old one's, each as systemd and as the kubelet alone name it.</summary>
    private static readonly string[] Roots =
    [
        "/sys/fs/cgroup/kubepods.slice", "/sys/fs/cgroup/kubepods", "/sys/fs/cgroup/cpuset/kubepods.slice", "/sys/fs/cgroup/cpuset/kubepods",
    ];

    /// <summary>The containers with CPUs of their own.</summary>
    public IReadOnlyList<PodCpus> Read()
    {
        List<PodCpus> found = [];
        foreach (string root in Roots.Where(files.Exists))
        {
            CpuList? shared = SharedCpus();
            foreach (string pod in files.List(root).Or(null) ?? [])
            {
                if (Pod().Match(pod) is not { Success: true } uid)
                    continue;
                foreach (string container in files.List($"{root}/{pod}").Or(null) ?? [])
                {
                    if (Container().Match(container) is { Success: true } id && files.ReadText($"{root}/{pod}/{container}/cpuset.cpus").Or(null) is { Length: > 0 } text
                        && CpuList.TryParse(text, out CpuList? cpus) && !cpus.Equals(shared))
                        found.Add(new PodCpus(uid.Groups["uid"].Value.Replace('_', '-'), id.Groups["id"].Value, cpus));
                }
            }
        }
        return found;
    }

    /// <summary>The NUMA node of each CPU. Equivalent to <c>cat /sys/devices/system/node/node*/cpulist</c>.</summary>
    public IReadOnlyList<(int Cpu, string Node)> Nodes()
    {
        List<(int, string)> found = [];
        foreach (string node in files.List("/sys/devices/system/node").Or(null) ?? [])
        {
            if (node.StartsWith("node", StringComparison.Ordinal) && node.AsSpan(4).ContainsAnyExceptInRange('0', '9') == false
                && CpuList.TryParse(files.ReadText($"/sys/devices/system/node/{node}/cpulist").Or(null), out CpuList? cpus))
                found.AddRange(cpus.Cpus.Select(cpu => (cpu, node[4..])));
        }
        return [.. found.DistinctBy(each => each.Item1)];
    }

    private CpuList? SharedCpus() => files.ReadText(Checkpoint).Or(null) is { } text && Default().Match(text) is { Success: true } match
        && CpuList.TryParse(match.Groups["cpus"].Value, out CpuList? cpus) ? cpus : null;

    [GeneratedRegex("^(kubepods-)?pod(?<uid>[0-9a-f]{8}[-_][0-9a-f_-]{27})(\\.slice)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Pod();

    [GeneratedRegex("^([a-z-]+-)?(?<id>[0-9a-f]{64})(\\.scope)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Container();

    [GeneratedRegex("\"defaultCpuSet\"\\s*:\\s*\"(?<cpus>[0-9,-]*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Default();
}

/// <summary>CPUs that are kept for a container.</summary>
/// <param name="PodUid">The pod's UID.</param>
/// <param name="ContainerId">The container's id, 64 hexadecimal digits.</param>
/// <param name="Cpus">The CPUs.</param>
public sealed record PodCpus(string PodUid, string ContainerId, CpuList Cpus);
