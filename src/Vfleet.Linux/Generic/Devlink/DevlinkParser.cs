using System.Text;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <summary>
/// Reads devlink's messages; each method returns null for a message that is another command, incomplete or malformed.
/// The names of the device are made once and shared by all objects of a list. Not safe for concurrent use.
/// Source: net/devlink/ (one file per object).
/// </summary>
internal sealed partial class DevlinkParser
{
    private DevlinkHandle _last;

    /// <summary>DEVLINK_CMD_NEW: a device.</summary>
    public DevlinkDevice? Device(in NetlinkMessage message)
    {
        if (!TryBegin(message, DevlinkCommand.New, out AttributeReader reader))
            return null;
        HandleFields handle = default;
        bool failed = false;
        while (reader.Read())
        {
            if (reader.Type == DevlinkAttribute.ReloadFailed)
                failed = reader.AsByte() != 0;
            else
                Take(ref reader, ref handle);
        }
        return TryEnd(reader, handle, out DevlinkHandle found) ? new DevlinkDevice(found, failed) : null;
    }

    private static bool TryBegin(in NetlinkMessage message, byte wanted, out AttributeReader reader) =>
        GenericMessage.TryRead(message, out byte command, out reader) && command == wanted;

    private void Take(ref AttributeReader reader, ref HandleFields handle)
    {
        if (reader.Type == DevlinkAttribute.BusName)
            handle.Bus = Shared(ref reader, _last.Bus);
        else if (reader.Type == DevlinkAttribute.DevName)
            handle.Device = Shared(ref reader, _last.Device);
    }

    private bool TryEnd(in AttributeReader reader, in HandleFields handle, out DevlinkHandle found)
    {
        found = default;
        if (reader.Malformed || handle.Bus is null || handle.Device is null)
            return false;
        _last = found = new DevlinkHandle(handle.Bus, handle.Device);
        return true;
    }

    private static string Shared(ref AttributeReader reader, string? last) =>
        last is not null && reader.Value.Length == last.Length + 1 && Ascii.Equals(reader.Value[..^1], last) ? last : reader.AsText();

    private struct HandleFields
    {
        public string? Bus;
        public string? Device;
    }
}
