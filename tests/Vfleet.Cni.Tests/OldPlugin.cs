using System.Text.Json.Nodes;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Cni.Tests;

/// <summary>Today's plugin on a simulated machine: does by hand what it does at ADD, and writes what it writes.</summary>
internal sealed class OldPlugin(CniMachine machine)
{
    /// <summary>Its ADD, of a VF with VLAN 100 and an address of the plugin <c>fixed</c>.</summary>
    /// <returns>The network's configuration.</returns>
    public async Task<JsonObject> AddAsync(int index, string container, string name, string space, string network)
    {
        string vf = await machine.VfAsync(index);
        VirtualFunction was = await machine.ReadAsync(vf);
        using (RouteClient route = RouteClient.Open(machine.Kernel).Value)
        {
            int pf = (await route.GetLinkAsync(machine.Pf)).Value.Index;
            VfChange change = new() { Index = index, Vlan = new VfVlan(100, 3), SpoofCheck = false, Trust = true };
            _ = (await route.ChangeVfsAsync(pf, machine.Pf, [change])).Value;
            using NetworkNamespace there = machine.Kernel.OpenNamespace($"/run/netns/{space}").Value;
            _ = (await route.ChangeLinkAsync(was.Link!.Index, was.Link.Name, new LinkChange { Namespace = there, Name = name })).Value;
        }
        await machine.ChangeInAsync(space, name, new LinkChange { Mtu = 1400, Up = true });
        JsonObject config = CniMachine.Config(vf, ("name", network), ("vlan", 100), ("vlanQoS", 3), ("spoofchk", "off"), ("trust", "on"),
            CniMachine.Ipam("fixed"));
        JsonObject cache = (JsonObject)config.DeepClone();
        cache["Master"] = machine.Pf;
        cache["VFID"] = index;
        cache["OrigVfState"] = new JsonObject
        {
            ["HostIFName"] = was.Link.Name,
            ["SpoofChk"] = was.Settings!.SpoofCheck,
            ["Trust"] = was.Settings.Trust,
            ["AdminMAC"] = was.Settings.Mac.ToString(),
            ["EffectiveMAC"] = was.Link.Mac.ToString(),
            ["Vlan"] = was.Settings.Vlan,
            ["VlanQoS"] = was.Settings.VlanQos,
            ["VlanProto"] = 33024,
            ["MinTxRate"] = 0,
            ["MaxTxRate"] = 0,
            ["LinkState"] = 0,
            ["MTU"] = was.Link.Mtu,
        };
        Directory.CreateDirectory(machine.Options.OldMarks);
        await File.WriteAllTextAsync(Path.Combine(machine.Options.OldCache, $"{container}-{name}"), cache.ToJsonString());
        await File.WriteAllTextAsync(Path.Combine(machine.Options.OldMarks, vf), $"/run/netns/{space}");
        return config;
    }
}
