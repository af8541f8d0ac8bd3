using Vfleet.Bench.Measurement;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Bench.Devices;

/// <summary>A netdevsim device with as many VFs as wanted, gone when disposed.</summary>
internal sealed class Netdevsim : IDisposable
{
    private const int Id = 7700, MostVfs = 4096;
    private const string Bus = "/sys/bus/netdevsim";
    private static readonly string Device = $"{Bus}/devices/netdevsim{Id}";
    private readonly IKernel _kernel;

    private Netdevsim(IKernel kernel, LinkInfo link)
    {
        _kernel = kernel;
        Name = link.Name;
        Index = link.Index;
    }

    public string Name { get; }

    public int Index { get; }

    public static async Task<Netdevsim> CreateAsync(IKernel kernel, RouteClient route, int vfs)
    {
        BenchException.Take(kernel.LoadModule("netdevsim"));
        Sysfs.Write(kernel, $"{Bus}/new_device", $"{Id} 1");
        try
        {
            Sysfs.Write(kernel, $"/sys/kernel/debug/netdevsim/netdevsim{Id}/max_vfs", Sysfs.Text(MostVfs));
            IReadOnlyList<string> names = BenchException.Take(kernel.Files.List($"{Device}/net"));
            Netdevsim made = new(kernel, BenchException.Take(await route.GetLinkAsync(names[0]).ConfigureAwait(false)));
            made.SetVfs(vfs);
            return made;
        }
        catch (BenchException)
        {
            _ = kernel.Files.WriteText($"{Bus}/del_device", Sysfs.Text(Id));
            throw;
        }
    }

    /// <summary>Gives it another number of VFs, by way of 0.</summary>
    public void SetVfs(int count)
    {
        string path = $"{Device}/sriov_numvfs";
        if (Sysfs.Number(_kernel, path) != 0)
            Sysfs.Write(_kernel, path, "0");
        Sysfs.Write(_kernel, path, Sysfs.Text(count));
    }

    public void Dispose() => _ = _kernel.Files.WriteText($"{Bus}/del_device", Sysfs.Text(Id));
}
