using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Naming;

/// <summary>Finds VFs by name in one reading of their PFs, however many names there are.</summary>
internal static class VfSearch
{
    /// <summary>One VF.</summary>
    public static async ValueTask<Outcome<VfAmongSiblings>> FindAsync(InventoryReader inventory, string name, VfDetail detail, CancellationToken cancel) =>
        (await FindManyAsync(inventory, [name], detail, cancel).ConfigureAwait(false)).Map(found => found[0]);

    /// <summary>Many VFs, in the order of their names.</summary>
    /// <returns>The fault of the first name that leads nowhere.</returns>
    public static async ValueTask<Outcome<IReadOnlyList<VfAmongSiblings>>> FindManyAsync(
        InventoryReader inventory, IReadOnlyList<string> names, VfDetail detail, CancellationToken cancel)
    {
        Outcome<MachineInventory> read = await inventory.ReadWithoutRoutesAsync(names, detail, cancel).ConfigureAwait(false);
        if (!read.Try(out MachineInventory? all, out Fault? fault))
            return fault;
        ILookup<string, VirtualFunction> byPf = all.Vfs.ToLookup(vf => vf.Pf.DeviceName, StringComparer.Ordinal);
        Dictionary<string, VirtualFunction[]> siblings = byPf.ToDictionary(pf => pf.Key, pf => pf.ToArray(), StringComparer.Ordinal);
        List<VfAmongSiblings> found = [];
        foreach (string name in names)
        {
            if (!DeviceNames.FindVf(all.Pfs, all.Vfs, name).Try(out VirtualFunction? vf, out fault))
                return fault;
            found.Add(new VfAmongSiblings(vf, siblings[vf.Pf.DeviceName]));
        }
        return found;
    }
}
