using System.Globalization;
using Vfleet.Node.Ledger;

namespace Vfleet.Telemetry.Reading;

/// <summary>
/// CPU time of owners: of the control groups whose processes are all in the owner's network namespace, such as a container's. A group that holds
/// others too, as a login session does, says nothing of the owner and is passed over. Begins with the process; a group that ends keeps its last time as
/// long as its owner has VFs. An owner in the host's own namespace shares it with every service, so nothing is told of it. Not safe for concurrent use.
/// </summary>
/// <param name="files">The kernel's files.</param>
internal sealed class OwnerCpuReader(IFileTree files)
{
    private const string Root = "/sys/fs/cgroup";
    private const double MicrosecondsPerSecond = 1_000_000;
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>Times of each allocation that they are known of, by its id.</summary>
    /// <param name="allocations">Allocations that have not ended.</param>
    public IReadOnlyDictionary<string, GroupTimes> Read(IReadOnlyList<LedgerAllocation> allocations)
    {
        LedgerAllocation[] asked = [.. allocations.Where(each => each.Owner.NamespaceInode is not null || each.Owner.ProcessId is not null)];
        foreach (string ended in _accounts.Keys.Except(asked.Select(each => each.Id)).ToArray())
            _accounts.Remove(ended);
        if (asked.Length == 0)
            return new Dictionary<string, GroupTimes>();
        Dictionary<int, ulong> spaces = Namespaces();
        ulong? host = InodeOf("/proc/self/ns/net");
        ILookup<ulong, int> processes = spaces.ToLookup(each => each.Value, each => each.Key);
        Dictionary<string, GroupTimes> found = new(StringComparer.Ordinal);
        foreach (LedgerAllocation allocation in asked)
        {
            ulong? space = allocation.Owner.NamespaceInode ?? (spaces.TryGetValue(allocation.Owner.ProcessId!.Value, out ulong its) ? its : null);
            if (space is not { } inode || inode == host)
                continue;
            string[] groups = [.. processes[inode].Select(GroupOf).OfType<string>().Distinct().Where(group => IsOwn(group, inode, spaces))];
            if (!_accounts.TryGetValue(allocation.Id, out Account? account))
                _accounts[allocation.Id] = account = new Account();
            // What is in a group counts for those around it too.
            account.Add(groups.Where(group => !groups.Any(other => group.StartsWith($"{other}/", StringComparison.Ordinal)))
                .Select(group => (group, TimesOf(group))));
            if (account.IsKnown)
                found[allocation.Id] = account.Total;
        }
        return found;
    }

    /// <summary>The network namespace of each process, by the process.</summary>
    private Dictionary<int, ulong> Namespaces()
    {
        Dictionary<int, ulong> found = [];
        foreach (string name in files.List("/proc").Or(null) ?? [])
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                && InodeOf($"/proc/{name}/ns/net") is { } inode)
                found[process] = inode;
        }
        return found;
    }

    private ulong? InodeOf(string path) => files.ReadLink(path).Or(null) is { } link && link.StartsWith("net:[", StringComparison.Ordinal)
        && ulong.TryParse(link.AsSpan(5, link.Length - 6), NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode) ? inode : null;

    /// <summary>The folder of a process's group: of the one hierarchy, or of the old one that counts CPU time (cgroups(7)).</summary>
    private string? GroupOf(int process)
    {
        string[][] lines = [.. (files.ReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cgroup")).Or(null) ?? "")
            .Split('\n').Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3)];
        string? old = lines.FirstOrDefault(parts => parts[1].Split(',').Contains("cpuacct"))?[2];
        string? path = old ?? lines.FirstOrDefault(parts => parts[0] == "0")?[2];
        // The root's group is everybody's; a path with ".." is of a process outside this one's own view.
        if (path is null or "/" || path.Contains("..", StringComparison.Ordinal))
            return null;
        return old is null ? $"{Root}{path}" : $"{Root}/cpuacct{path}";
    }

    private bool IsOwn(string group, ulong space, Dictionary<int, ulong> spaces) =>
        files.ReadText($"{group}/cgroup.procs").Or(null) is { } text && text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .All(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                && spaces.TryGetValue(process, out ulong its) && its == space);

    private GroupTimes? TimesOf(string group)
    {
        if (files.ReadText($"{group}/cpu.stat").Or(null) is { } text && Number(text, "user_usec") is { } user && Number(text, "system_usec") is { } system)
            return new GroupTimes(user / MicrosecondsPerSecond, system / MicrosecondsPerSecond);
        return files.ReadText($"{group}/cpuacct.stat").Or(null) is { } ticks && Number(ticks, "user") is { } u && Number(ticks, "system") is { } s
            ? new GroupTimes(u / CpuReader.TicksPerSecond, s / CpuReader.TicksPerSecond)
            : null;
    }

    private static ulong? Number(string text, string name) => text.Split('\n').Select(line => line.Split(' '))
        .FirstOrDefault(words => words.Length == 2 && words[0] == name) is { } words
        && ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : null;
}

/// <summary>What an owner's groups have used together, however often they end and are made anew.</summary>
internal sealed class Account
{
    private Dictionary<string, GroupTimes> _last = [];

    /// <summary>False until a group was seen.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>So far.</summary>
    public GroupTimes Total { get; private set; }

    /// <summary>Adds what groups used since they were read before; all of it for one that is new, or was made anew.</summary>
    public void Add(IEnumerable<(string Group, GroupTimes? Times)> groups)
    {
        Dictionary<string, GroupTimes> now = new(StringComparer.Ordinal);
        foreach ((string group, GroupTimes? times) in groups)
        {
            if (times is not { } read)
                continue;
            GroupTimes before = _last.GetValueOrDefault(group);
            if (read.User < before.User || read.System < before.System)
                before = default;
            Total = new GroupTimes(Total.User + read.User - before.User, Total.System + read.System - before.System);
            now[group] = read;
            IsKnown = true;
        }
        _last = now;
    }
}

/// <summary>CPU time of a control group, seconds.</summary>
/// <param name="User">In its programs.</param>
/// <param name="System">In the kernel on their behalf.</param>
public readonly record struct GroupTimes(double User, double System);
