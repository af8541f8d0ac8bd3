using Vfleet.Bench.Measurement;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Bench.Devices;

/// <summary>A netdevsim device with as many VFs as wanted, gone when disposed.</summary>
internal sealed class Netdevsim : IDisposable
{
    private const int FirstId = 7700, MostVfs = 4096;
    private const string Bus = "/sys/bus/netdevsim";
    private readonly IKernel _kernel;
    private readonly int _id;

    private Netdevsim(IKernel kernel, int id, LinkInfo link)
    {
        (_kernel, _id) = (kernel, id);
        Name = link.Name;
        Index = link.Index;
    }

    public string Name { get; }

    public int Index { get; }

    /// <param name="kernel">The kernel.</param>
    /// <param name="route">Finds its interface.</param>
    /// <param name="vfs">How many VFs it has.</param>
    /// <param name="place">Its number among those that are there at once, from 0.</param>
    public static async Task<Netdevsim> CreateAsync(IKernel kernel, RouteClient route, int vfs, int place = 0)
    {
        int id = FirstId + place;
        BenchException.Take(kernel.LoadModule("netdevsim"));
        Sysfs.Write(kernel, $"{Bus}/new_device", $"{id} 1");
        try
        {
            Sysfs.Write(kernel, $"/sys/kernel/debug/netdevsim/netdevsim{id}/max_vfs", Sysfs.Text(MostVfs));
            IReadOnlyList<string> names = BenchException.Take(kernel.Files.List($"{DeviceOf(id)}/net"));
            Netdevsim made = new(kernel, id, BenchException.Take(await route.GetLinkAsync(names[0]).ConfigureAwait(false)));
            made.SetVfs(vfs);
            return made;
        }
        catch (BenchException)
        {
            _ = kernel.Files.WriteText($"{Bus}/del_device", Sysfs.Text(id));
            throw;
        }
    }

    /// <summary>Gives it another number of VFs, by way of 0.</summary>
    public void SetVfs(int count)
    {
        string path = $"{DeviceOf(_id)}/sriov_numvfs";
        if (Sysfs.Number(_kernel, path) != 0)
            Sysfs.Write(_kernel, path, "0");
        Sysfs.Write(_kernel, path, Sysfs.Text(count));
    }

    public void Dispose() => _ = _kernel.Files.WriteText($"{Bus}/del_device", Sysfs.Text(_id));

    private static string DeviceOf(int id) => $"{Bus}/devices/netdevsim{id}";
}
