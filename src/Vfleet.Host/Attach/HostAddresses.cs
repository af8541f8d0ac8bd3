using System.Net;
using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Host.Attach;

/// <summary>
/// Addresses that a VF's interface carries on the host. The kernel forgets them when the interface leaves, or its driver is bound anew; so they are
/// part of what a VF was before. Those with a lifetime and IPv6 link-local ones are not: whoever made them makes them again.
/// </summary>
internal static class HostAddresses
{
    /// <summary>What is to be restored; empty for an interface that is not on the host.</summary>
    public static async ValueTask<Outcome<IReadOnlyList<AddressRecord>>> ReadAsync(IKernel kernel, VirtualFunction vf, CancellationToken cancel)
    {
        if (vf is not { Link: { } link, NamespacePath: null })
            return Outcome<IReadOnlyList<AddressRecord>>.Of([]);
        if (!RouteClient.Open(kernel).Try(out RouteClient? route, out Fault? fault))
            return fault;
        using (route)
        {
            Outcome<List<AddressInfo>> listed = await route.ListAddressesAsync(cancel).ConfigureAwait(false);
            return listed.Map(all => (IReadOnlyList<AddressRecord>)
            [
                .. all.Where(one => one.InterfaceIndex == link.Index && one.IsPermanent && !one.Address.Address.IsIPv6LinkLocal)
                    .Select(one => new AddressRecord { Address = one.Address.ToString(), Broadcast = one.Broadcast?.ToString(), Scope = one.Scope }),
            ]);
        }
    }

    /// <summary>Adds those that are missing.</summary>
    /// <param name="route">A connection to the host's namespace.</param>
    /// <param name="index">The interface.</param>
    /// <param name="name">Its name.</param>
    /// <param name="wanted">What was recorded.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Warnings: addresses that this kernel does not take any more.</returns>
    public static async ValueTask<Outcome<IReadOnlyList<string>>> RestoreAsync(
        RouteClient route, int index, string name, IReadOnlyList<AddressRecord> wanted, CancellationToken cancel)
    {
        List<string> warnings = [];
        if (wanted.Count == 0)
            return warnings;
        Outcome<List<AddressInfo>> listed = await route.ListAddressesAsync(cancel).ConfigureAwait(false);
        if (!listed.Try(out List<AddressInfo>? all, out Fault? fault))
            return fault;
        HashSet<string> there = [.. all.Where(one => one.InterfaceIndex == index).Select(one => one.Address.ToString())];
        foreach (AddressRecord missing in wanted.Where(one => !there.Contains(one.Address)))
        {
            if (!IPNetworkAddress.TryParse(missing.Address, out IPNetworkAddress? address))
            {
                warnings.Add($"the record's address {missing.Address} is none, and was left out");
                continue;
            }
            AddressInfo whole = new(index, address, missing.Scope) { Broadcast = IPAddress.TryParse(missing.Broadcast, out IPAddress? everybody) ? everybody : null };
            Outcome<Unit> added = await route.AddAddressAsync(name, whole, cancel).ConfigureAwait(false);
            // IPv6 was switched off meanwhile, say. The VF is whole without the address, and would never be free with such a fault.
            if (added.Fault is { Errno: Errno.EACCES or Errno.EAFNOSUPPORT or Errno.EOPNOTSUPP or Errno.EINVAL } refused)
                warnings.Add($"the address {missing.Address} was not taken: {refused.Cause ?? refused.Error}");
            else if (added.Fault is not null and not { Errno: Errno.EEXIST })
                return added.Fault;
        }
        return warnings;
    }
}
