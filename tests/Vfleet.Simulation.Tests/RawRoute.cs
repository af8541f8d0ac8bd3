using System.Runtime.InteropServices;
using Vfleet.Linux;
using Vfleet.Linux.Netlink;
using Vfleet.Linux.Route;

namespace Vfleet.Simulation.Tests;

/// <summary>Speaks rtnetlink in bytes, so that tests see what is on the wire and no client in between.</summary>
internal sealed class RawRoute(IKernel kernel, NetworkNamespace? within = null) : IDisposable
{
    private readonly NetlinkClient _client = NetlinkClient.Open(kernel, NetlinkProtocol.Route, within).Value;

    public void Dispose() => _client.Dispose();

    /// <summary>The whole message of RTM_GETLINK for one interface: ifinfomsg and attributes.</summary>
    public byte[] GetLink(int index, uint mask)
    {
        NetlinkRequest request = new();
        request.Begin(RouteMessage.GetLink, NetlinkFlags.None).Struct(new InterfaceMessage { Index = index });
        request.Put(LinkAttribute.ExtendedMask, mask);
        return Wait(_client.GetAsync<byte[]>(request, static (in NetlinkMessage message) => message.Payload.ToArray())).Value;
    }

    public Outcome<List<byte[]>> Dump(uint mask = 0)
    {
        NetlinkRequest request = new();
        request.Begin(RouteMessage.GetLink, NetlinkFlags.Dump).Struct(default(InterfaceMessage)).Put(LinkAttribute.ExtendedMask, mask);
        return Wait(_client.DumpAsync<byte[]>(request, static (in NetlinkMessage message) => message.Payload.ToArray()));
    }

    /// <summary>Sends RTM_SETLINK with whatever <paramref name="fill"/> puts in.</summary>
    public Outcome<Unit> SetLink(
        int index, Action<NetlinkRequest> fill, uint flags = 0, uint change = 0, ushort type = RouteMessage.SetLink)
    {
        NetlinkRequest request = new();
        request.Begin(type, NetlinkFlags.Ack).Struct(new InterfaceMessage { Index = index, Flags = flags, Change = change });
        fill(request);
        return Wait(_client.ExecuteAsync(request));
    }

    public Outcome<Unit> SetMac(int index, params byte[] mac) =>
        SetLink(index, request => request.Put(LinkAttribute.Address, (ReadOnlySpan<byte>)mac));

    public Outcome<Unit> SetUp(int index, bool up = true) => SetLink(index, _ => { }, up ? 1u : 0u, 1);

    public Outcome<Unit> SetVf<T>(int index, int attribute, T value)
        where T : unmanaged => SetLink(index, request =>
    {
        int list = request.BeginNest(LinkAttribute.VfInfoList);
        int info = request.BeginNest(VfAttribute.Info);
        request.Put(attribute, value);
        request.EndNest(info).EndNest(list);
    });

    public Outcome<Unit> SetVfVlan(int index, uint vf, uint vlan, uint qos, ushort protocol) => SetLink(index, request =>
    {
        int list = request.BeginNest(LinkAttribute.VfInfoList);
        int info = request.BeginNest(VfAttribute.Info);
        int vlans = request.BeginNest(VfAttribute.VlanList);
        ushort network = (ushort)((protocol << 8) | (protocol >> 8));
        request.Put(VfAttribute.VlanInfo, new VfVlanMessage { Vf = vf, Vlan = vlan, Qos = qos, Protocol = network });
        request.EndNest(vlans).EndNest(info).EndNest(list);
    });

    public unsafe Outcome<Unit> SetVfMac(int index, uint vf, params byte[] mac)
    {
        VfMacMessage message = new() { Vf = vf };
        for (int i = 0; i < mac.Length; i++)
            message.Mac[i] = mac[i];
        return SetVf(index, VfAttribute.Mac, message);
    }

    /// <summary>The interface of that name, or -1.</summary>
    public int IndexOf(string name)
    {
        foreach (byte[] link in Dump().Value)
        {
            if (Text(link, LinkAttribute.Name) == name)
                return MemoryMarshal.Read<InterfaceMessage>(link).Index;
        }
        return -1;
    }

    public static string? Text(byte[] link, int type)
    {
        AttributeReader reader = new(link.AsSpan(16));
        while (reader.Read())
        {
            if (reader.Type == type)
                return reader.AsText();
        }
        return null;
    }

    public static byte[] Bytes(byte[] link, int type)
    {
        AttributeReader reader = new(link.AsSpan(16));
        while (reader.Read())
        {
            if (reader.Type == type)
                return reader.Value.ToArray();
        }
        return [];
    }

    private static T Wait<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
}
