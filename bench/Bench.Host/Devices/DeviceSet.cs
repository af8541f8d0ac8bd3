using Vfleet.Linux.Route;

namespace Vfleet.Bench.Devices;

/// <summary>Several netdevsim devices at once, gone when disposed.</summary>
internal sealed class DeviceSet : IDisposable
{
    private readonly List<Netdevsim> _each = [];

    public IReadOnlyList<Netdevsim> Each => _each;

    public static async Task<DeviceSet> CreateAsync(Workbench bench, RouteClient route, int count, int vfs)
    {
        DeviceSet made = new();
        try
        {
            for (int place = 0; place < count; place++)
                made._each.Add(await Netdevsim.CreateAsync(bench.Kernel, route, vfs, place).ConfigureAwait(false));
        }
        catch
        {
            // Whatever is wrong, the devices before it must not stay.
            made.Dispose();
            throw;
        }
        return made;
    }

    public void Dispose() => _each.ForEach(device => device.Dispose());
}
