using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Drivers;

/// <summary>Waits until VFs show their interfaces, and until udev is done naming them where it runs.</summary>
internal sealed class InterfaceWait(IKernel kernel, HostOptions options)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan UdevDeadline = TimeSpan.FromSeconds(2);

    /// <returns>The interfaces of those that became ready before the deadline.</returns>
    public async Task<Outcome<IReadOnlyDictionary<PciAddress, LinkInfo>>> ForAsync(IReadOnlyList<PciAddress> vfs, CancellationToken cancel)
    {
        long started = options.Time.GetTimestamp();
        while (true)
        {
            Outcome<LinkTable> table = await LinkTable.ReadAsync(kernel, cancel).ConfigureAwait(false);
            if (!table.Try(out LinkTable? links, out Fault? fault))
                return fault;
            Dictionary<PciAddress, LinkInfo> found = [];
            foreach (PciAddress vf in vfs)
            {
                if (links.FirstOf(vf.ToString()) is { } link)
                    found[vf] = link;
            }
            TimeSpan waited = options.Time.GetElapsedTime(started);
            bool isNamed = waited >= UdevDeadline || found.Values.All(IsNamed);
            if ((found.Count == vfs.Count && isNamed) || waited >= options.ReadyDeadline)
                return found;
            await Task.Delay(Poll, options.Time, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>udev writes its record of an interface after it has renamed it; without a running udev nobody renames.</summary>
    private bool IsNamed(LinkInfo link) =>
        !kernel.Files.Exists("/run/udev/control") || kernel.Files.Exists($"/run/udev/data/n{link.Index}");
}
