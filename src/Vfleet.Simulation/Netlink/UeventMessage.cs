using System.Text;

namespace Vfleet.Simulation.Netlink;

/// <summary>A kernel object event: <c>ACTION@DEVPATH</c> and properties, each ended by a zero byte.</summary>
internal static class UeventMessage
{
    public static byte[] Write(string action, string devicePath, string subsystem, ReadOnlySpan<string> properties, ulong sequence)
    {
        StringBuilder text = new();
        text.Append(action).Append('@').Append(devicePath).Append('\0');
        text.Append("ACTION=").Append(action).Append('\0');
        text.Append("DEVPATH=").Append(devicePath).Append('\0');
        text.Append("SUBSYSTEM=").Append(subsystem).Append('\0');
        foreach (string property in properties)
            text.Append(property).Append('\0');
        text.Append("SEQNUM=").Append(sequence).Append('\0');
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
