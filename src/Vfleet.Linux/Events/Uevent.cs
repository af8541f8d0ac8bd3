using System.Globalization;
using System.Text;

namespace Vfleet.Linux.Events;

/// <summary>What happened to a kernel object. Source: include/linux/kobject.h, enum kobject_action.</summary>
public enum UeventAction
{
    /// <summary>Something this release does not know.</summary>
    Other,

    /// <summary>It appeared.</summary>
    Add,

    /// <summary>It went away.</summary>
    Remove,

    /// <summary>It changed; a PF does so when its number of VFs changed.</summary>
    Change,

    /// <summary>It was renamed or moved.</summary>
    Move,

    /// <summary>It went into service.</summary>
    Online,

    /// <summary>It went out of service.</summary>
    Offline,

    /// <summary>A driver took it.</summary>
    Bind,

    /// <summary>Its driver let go of it.</summary>
    Unbind,
}

/// <summary>An event of a kernel object.</summary>
public sealed class Uevent
{
    private Uevent(UeventAction action, string devicePath, Dictionary<string, string> properties) =>
        (Action, DevicePath, Properties) = (action, devicePath, properties);

    /// <summary>What happened.</summary>
    public UeventAction Action { get; }

    /// <summary>The object below /sys, such as <c>/devices/pci0000:00/0000:00:03.0/0000:01:10.0</c>.</summary>
    public string DevicePath { get; }

    /// <summary>What the kernel says of it, such as <c>DRIVER</c>, <c>PCI_SLOT_NAME</c>, <c>INTERFACE</c>.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>Such as <c>pci</c>, <c>net</c>, <c>vfio</c>; null where the kernel does not say.</summary>
    public string? Subsystem => this["SUBSYSTEM"];

    /// <summary>Number of the event on this boot; 0 where the kernel does not say.</summary>
    public ulong Sequence =>
        ulong.TryParse(this["SEQNUM"], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : 0;

    /// <summary>A property; null where the kernel does not say.</summary>
    public string? this[string key] => Properties.GetValueOrDefault(key);

    /// <summary>
    /// Parses <c>add@/devices/…\0KEY=VALUE\0…</c>. Source: lib/kobject_uevent.c.
    /// </summary>
    /// <returns>Null for anything else, such as the messages of udevd, which begin with <c>libudev</c>.</returns>
    public static Uevent? Parse(ReadOnlySpan<byte> datagram)
    {
        int end = datagram.IndexOf((byte)0);
        int at = end < 0 ? -1 : datagram[..end].IndexOf((byte)'@');
        if (at <= 0 || at + 1 >= end || datagram[at + 1] != '/')
            return null;
        Dictionary<string, string> properties = new(16, StringComparer.Ordinal);
        ReadOnlySpan<byte> rest = datagram[(end + 1)..];
        while (!rest.IsEmpty)
        {
            int length = rest.IndexOf((byte)0);
            // A property without its terminating zero was cut.
            if (length < 0)
                return null;
            int equals = rest[..length].IndexOf((byte)'=');
            if (equals > 0)
                properties[Encoding.UTF8.GetString(rest[..equals])] = Encoding.UTF8.GetString(rest[(equals + 1)..length]);
            rest = rest[(length + 1)..];
        }
        return new Uevent(ActionOf(datagram[..at]), Encoding.UTF8.GetString(datagram[(at + 1)..end]), properties);
    }

    private static UeventAction ActionOf(ReadOnlySpan<byte> word)
    {
        if (word.SequenceEqual("add"u8)) return UeventAction.Add;
        if (word.SequenceEqual("remove"u8)) return UeventAction.Remove;
        if (word.SequenceEqual("change"u8)) return UeventAction.Change;
        if (word.SequenceEqual("move"u8)) return UeventAction.Move;
        if (word.SequenceEqual("online"u8)) return UeventAction.Online;
        if (word.SequenceEqual("offline"u8)) return UeventAction.Offline;
        if (word.SequenceEqual("bind"u8)) return UeventAction.Bind;
        return word.SequenceEqual("unbind"u8) ? UeventAction.Unbind : UeventAction.Other;
    }
}
