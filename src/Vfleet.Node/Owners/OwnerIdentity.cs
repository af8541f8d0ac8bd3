using System.Globalization;
using Vfleet.Host.State;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Owners;

/// <summary>Builds owners that are told from later ones with the same path or number.</summary>
public static class OwnerIdentity
{
    private const int LongestName = 253;

    /// <summary>A name and nothing else: it owns until it releases.</summary>
    /// <param name="name">1 to 253 characters.</param>
    public static Outcome<Owner> OfName(string name) => Check(name) is { } wrong ? wrong : new Owner { Name = name };

    /// <summary>A network namespace.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="path">An absolute path, such as <c>/run/netns/blue</c>; the namespace may be elsewhere later.</param>
    /// <param name="name">The name people know, 1 to 253 characters.</param>
    /// <returns>NotFound where there is no such path, Usage where it is no network namespace.</returns>
    public static Outcome<Owner> OfNamespace(IKernel kernel, string path, string name)
    {
        if (Check(name) is { } wrong)
            return wrong;
        if (!path.StartsWith('/'))
            return Fault.Usage($"'{path}' is no absolute path", "name it as /run/netns/NAME or /proc/PID/ns/net", path);
        if (!kernel.OpenNamespace(path).Try(out NetworkNamespace? opened, out Fault? fault))
            return fault;
        using (opened)
        {
            return new Owner
            {
                Name = name,
                Kind = OwnerKind.Namespace,
                BootId = Boot.Id(kernel.Files),
                NamespacePath = path,
                NamespaceCookie = opened.Cookie,
                NamespaceInode = opened.Inode == 0 ? null : opened.Inode,
            };
        }
    }

    /// <summary>A process.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="pid">Its number, in the PID namespace of this process.</param>
    /// <param name="name">The name people know, 1 to 253 characters.</param>
    /// <returns>NotFound where no such process runs.</returns>
    public static Outcome<Owner> OfProcess(IKernel kernel, int pid, string name)
    {
        if (Check(name) is { } wrong)
            return wrong;
        if (!ProcessIdentity.Read(kernel.Files, pid).Try(out long? start, out Fault? fault))
            return fault;
        string number = pid.ToString(CultureInfo.InvariantCulture);
        if (start is null)
            return Fault.NotFound($"no process {number} runs", "name a process that runs", number);
        return new Owner { Name = name, Kind = OwnerKind.Process, BootId = Boot.Id(kernel.Files), ProcessId = pid, ProcessStart = start };
    }

    private static Fault? Check(string name) => name.Length is 0 or > LongestName
        ? Fault.Usage($"an owner's name has 1 to {LongestName} characters, not {name.Length}", target: name)
        : null;
}
