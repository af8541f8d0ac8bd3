using System.Globalization;
using Vfleet.Linux.Real;

namespace Vfleet.Linux.Sockets;

/// <summary>Groups of this machine, and giving files to them.</summary>
public static class UnixGroup
{
    /// <summary>
    /// The number of a group of this machine's own. Equivalent to <c>grep ^NAME: /etc/group</c>: groups that only a directory service
    /// knows are not asked for, for a service that hangs would keep the agent from starting.
    /// </summary>
    /// <returns>Null where there is no such group.</returns>
    public static uint? Find(IFileTree files, string name)
    {
        foreach (string line in (files.ReadText("/etc/group").Or(null) ?? "").Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 3 && fields[0] == name
                && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
                return number;
        }
        return null;
    }

    /// <summary>Gives a file to a group; its user stays. Equivalent to <c>chgrp GROUP PATH</c> (chown(2)).</summary>
    public static Outcome<Unit> Give(string path, uint group) => Native.ChangeOwner(path, uint.MaxValue, group) == 0
        ? Unit.Done
        : Fault.FromErrno(Native.LastError, $"chgrp {group} {path}", path);

    /// <summary>The effective user of this process. Equivalent to <c>id -u</c>.</summary>
    public static uint OwnUser => Native.EffectiveUser();
}
