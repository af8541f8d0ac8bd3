using System.Buffers;

namespace Vfleet.Linux.Pci.Config;

/// <summary>
/// Reads configuration spaces from sysfs. Without privileges the kernel gives the first 64 bytes only (pci_read_config in
/// drivers/pci/pci-sysfs.c).
/// </summary>
/// <param name="files">The kernel's files.</param>
public sealed class ConfigReader(IFileTree files)
{
    /// <summary>The configuration space of a function. Equivalent to <c>lspci -xxxx -s BDF</c>. Wakes a sleeping device.</summary>
    /// <returns>NotFound when there is no such function, or it was unplugged (every bit reads 1).</returns>
    public Outcome<ConfigSpace> Read(PciAddress address)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ConfigSpace.ExtendedSize);
        try
        {
            Span<byte> bytes = buffer.AsSpan(0, ConfigSpace.ExtendedSize);
            if (!files.ReadBytes(PciPath.Attribute(address, "config"), bytes).Try(out int length, out Fault? fault))
                return fault.Kind == FaultKind.NotFound ? PciBus.NoSuchDevice(address) : fault;
            bytes = bytes[..length];
            return ConfigSpace.IsAbsent(bytes) && length > 0
                ? Fault.NotFound(
                    $"{address} does not answer: its configuration space reads all ones",
                    "the device was unplugged or its link is down",
                    address.ToString())
                : ConfigSpace.Parse(bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
