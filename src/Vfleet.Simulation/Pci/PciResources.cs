using System.Globalization;
using System.Text;

namespace Vfleet.Simulation.Pci;

/// <summary>Memory windows of a function, as the file <c>resource</c> lists them: six BARs, the ROM, six for the VFs.</summary>
internal static class PciResources
{
    private const ulong Memory = 0x0000_0000_0014_0204;
    private const ulong WindowSize = 0x20000, MsixSize = 0x4000, VfWindowSize = 0x4000;
    private const int Lines = 13, FirstVfWindow = 7;

    public static string Text(PciDevice device)
    {
        ulong start = 0xc000_0000 + ((ulong)device.Address.RoutingId * 0x40000);
        StringBuilder text = new();
        for (int line = 0; line < Lines; line++)
        {
            ulong size = SizeOf(device, line);
            ulong first = size == 0 ? 0 : start + ((ulong)line * WindowSize);
            ulong last = size == 0 ? 0 : first + size - 1;
            text.Append(CultureInfo.InvariantCulture, $"0x{first:x16} 0x{last:x16} 0x{(size == 0 ? 0 : Memory):x16}\n");
        }
        return text.ToString();
    }

    private static ulong SizeOf(PciDevice device, int line) => line switch
    {
        0 => device.IsVirtual ? VfWindowSize : WindowSize,
        3 => device.MsixVectors > 0 ? MsixSize : 0,
        FirstVfWindow or FirstVfWindow + 3 => device.Sriov is { } sriov ? VfWindowSize * (ulong)sriov.HardwareTotal : 0,
        _ => 0,
    };
}
