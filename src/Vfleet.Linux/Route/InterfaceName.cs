using System.Text;

namespace Vfleet.Linux.Route;

/// <summary>Names of interfaces and namespaces. Source: net/core/dev.c dev_valid_name; ip-netns(8).</summary>
public static class InterfaceName
{
    /// <summary>Longest name in bytes: IFNAMSIZ less the terminating zero.</summary>
    public const int Longest = 15;

    /// <summary>Null when the kernel would take the name, else what is wrong with it.</summary>
    public static Fault? Check(string name)
    {
        if (name.Length == 0)
            return Fault.Usage("an interface name may not be empty");
        int bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes > Longest)
            return Fault.Usage($"interface name {Show(name)} has {bytes} bytes; the kernel takes {Longest} at most", target: name);
        if (name.Contains('%', StringComparison.Ordinal))
            return Fault.Usage($"interface name {Show(name)} may not contain '%', which the kernel replaces by a number", target: name);
        // Names of directories in /proc/sys/net/ipv4/conf (__devinet_sysctl_register, net/ipv4/devinet.c).
        return name is "all" or "default" ? Fault.Usage($"interface name {Show(name)} is reserved", target: name) : Common(name, "interface");
    }

    /// <summary>Null when the name is a single path component that fits a file system, else what is wrong with it.</summary>
    public static Fault? CheckNamespace(string name)
    {
        if (name.Length == 0)
            return Fault.Usage("a namespace name may not be empty");
        if (Encoding.UTF8.GetByteCount(name) > 255)
            return Fault.Usage($"namespace name {Show(name)} is longer than 255 bytes", target: name);
        return Common(name, "namespace");
    }

    private static Fault? Common(string name, string what)
    {
        if (name is "." or "..")
            return Fault.Usage($"{what} name {Show(name)} is reserved", target: name);
        foreach (char c in name)
        {
            if (c is '/' or ':' || char.IsWhiteSpace(c) || char.IsControl(c))
            {
                string shown = c is '/' or ':' ? $"'{c}'" : "white space or control characters";
                return Fault.Usage($"{what} name {Show(name)} may not contain {shown}", target: name);
            }
        }
        return null;
    }

    private static string Show(string name)
    {
        string shown = name.Length > 40 ? name[..40] + "…" : name;
        return $"\"{string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c))}\"";
    }
}
