using System.Text.Json;
using Vfleet.Linux.Route;

namespace Vfleet.Host.State;

/// <summary>Records as JSON and back. A field that is not there has its default; one that is not known is passed over.</summary>
public static class RecordJson
{
    /// <summary>Writes a baseline; nulls are left out.</summary>
    public static string Write(Baseline baseline) => JsonFields.Write(baseline, Fields);

    /// <summary>Reads a baseline.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static Baseline ReadBaseline(string text) => JsonFields.Read<Baseline>(text, OfBaseline);

    /// <summary>Writes a record; nulls are left out.</summary>
    public static string Write(AttachmentRecord record) => JsonFields.Write(record, Fields);

    /// <summary>The same for people to read.</summary>
    internal static string WriteIndented(AttachmentRecord record) => JsonFields.Write(record, Fields, indented: true);

    /// <summary>Reads a record.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static AttachmentRecord ReadAttachment(string text) => JsonFields.Read<AttachmentRecord>(text, OfAttachment);

    /// <summary>Writes a record of probing that was switched off.</summary>
    internal static string Write(AutoprobeRecord record) => JsonFields.Write(record, static (json, it) =>
    {
        json.WriteString("pf"u8, it.Pf);
        json.Put("bootId"u8, it.BootId);
    });

    /// <summary>Reads one.</summary>
    internal static AutoprobeRecord ReadAutoprobe(string text) => JsonFields.Read(text, static (ref JsonFields fields) =>
    {
        string? pf = null, boot = null;
        while (fields.Next())
        {
            if (fields.Is("pf"u8)) pf = fields.SomeText();
            else if (fields.Is("bootId"u8)) boot = fields.Text();
            else fields.Skip();
        }
        return new AutoprobeRecord { Pf = pf ?? throw JsonFields.Missing("pf"), BootId = boot };
    });

    private static void Fields(Utf8JsonWriter json, AttachmentRecord it)
    {
        json.WriteNumber("version"u8, it.Version);
        json.WriteString("vf"u8, it.Vf);
        json.WriteString("pf"u8, it.Pf);
        json.WriteNumber("index"u8, it.Index);
        json.WriteString("namespacePath"u8, it.NamespacePath);
        json.WriteNumber("namespaceInode"u8, it.NamespaceInode);
        json.Put("namespaceCookie"u8, it.NamespaceCookie);
        json.Put("bootId"u8, it.BootId);
        json.Put("interfaceName"u8, it.InterfaceName);
        json.Put("allocation"u8, it.Allocation);
        json.WriteString("requestedAt"u8, it.RequestedAt);
        json.Put("forced"u8, it.Forced);
        json.WriteStartObject("baseline"u8);
        Fields(json, it.Baseline);
        json.WriteEndObject();
    }

    private static AttachmentRecord OfAttachment(ref JsonFields fields)
    {
        int? version = null, index = null;
        string? vf = null, pf = null, path = null, boot = null, name = null, allocation = null;
        ulong? inode = null, cookie = null;
        DateTimeOffset? requested = null;
        IReadOnlyList<string> forced = [];
        Baseline? baseline = null;
        while (fields.Next())
        {
            if (fields.Is("version"u8)) version = fields.Int() ?? throw JsonFields.Missing("version");
            else if (fields.Is("vf"u8)) vf = fields.SomeText();
            else if (fields.Is("pf"u8)) pf = fields.SomeText();
            else if (fields.Is("index"u8)) index = fields.Int();
            else if (fields.Is("namespacePath"u8)) path = fields.SomeText();
            else if (fields.Is("namespaceInode"u8)) inode = fields.ULong();
            else if (fields.Is("namespaceCookie"u8)) cookie = fields.ULong();
            else if (fields.Is("bootId"u8)) boot = fields.Text();
            else if (fields.Is("interfaceName"u8)) name = fields.Text();
            else if (fields.Is("allocation"u8)) allocation = fields.Text();
            else if (fields.Is("requestedAt"u8)) requested = fields.Time();
            else if (fields.Is("forced"u8)) forced = fields.Texts();
            else if (fields.Is("baseline"u8)) baseline = fields.SomeObject<Baseline>(OfBaseline);
            else fields.Skip();
        }
        return new AttachmentRecord
        {
            Version = version ?? AttachmentRecord.Newest,
            Vf = vf ?? throw JsonFields.Missing("vf"),
            Pf = pf ?? throw JsonFields.Missing("pf"),
            Index = index ?? throw JsonFields.Missing("index"),
            NamespacePath = path ?? throw JsonFields.Missing("namespacePath"),
            NamespaceInode = inode ?? throw JsonFields.Missing("namespaceInode"),
            NamespaceCookie = cookie,
            BootId = boot,
            InterfaceName = name,
            Allocation = allocation,
            RequestedAt = requested ?? throw JsonFields.Missing("requestedAt"),
            Forced = forced,
            Baseline = baseline ?? throw JsonFields.Missing("baseline"),
        };
    }

    private static void Fields(Utf8JsonWriter json, Baseline it)
    {
        json.Put("name"u8, it.Name);
        json.Put("altNames"u8, it.AltNames);
        json.Put("mac"u8, it.Mac);
        json.Put("mtu"u8, it.Mtu);
        json.WriteBoolean("isUp"u8, it.IsUp);
        json.Put("isAllMulticast"u8, it.IsAllMulticast);
        json.Put("driver"u8, it.Driver);
        json.Put("adminMac"u8, it.AdminMac);
        json.WriteBoolean("isMacPinned"u8, it.IsMacPinned);
        json.Put("vlan"u8, it.Vlan);
        json.Put("vlanQos"u8, it.VlanQos);
        json.Put("vlanProtocol"u8, it.VlanProtocol switch { null => null, VlanProtocol.Dot1Ad => nameof(VlanProtocol.Dot1Ad), _ => nameof(VlanProtocol.Dot1Q) });
        json.Put("spoofCheck"u8, it.SpoofCheck);
        json.Put("trust"u8, it.Trust);
        json.Put("linkState"u8, it.LinkState is { } state ? NameOf(state) : null);
        json.Put("minTxRateMbps"u8, it.MinTxRateMbps);
        json.Put("maxTxRateMbps"u8, it.MaxTxRateMbps);
        json.Put("nodeGuid"u8, it.NodeGuid);
        json.Put("portGuid"u8, it.PortGuid);
        json.WriteStartArray("addresses"u8);
        foreach (AddressRecord address in it.Addresses)
        {
            json.WriteStartObject();
            json.WriteString("address"u8, address.Address);
            json.Put("broadcast"u8, address.Broadcast);
            json.WriteNumber("scope"u8, address.Scope);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.Put("trunk"u8, it.Trunk);
    }

    private static Baseline OfBaseline(ref JsonFields fields)
    {
        string? name = null, mac = null, driver = null, adminMac = null, trunk = null;
        IReadOnlyList<string> altNames = [];
        IReadOnlyList<AddressRecord> addresses = [];
        int? mtu = null, vlan = null, qos = null;
        bool? isUp = null, isAllMulticast = null, isPinned = null, spoofCheck = null, trust = null;
        VlanProtocol? protocol = null;
        VfLinkState? linkState = null;
        uint? min = null, max = null;
        ulong? node = null, port = null;
        while (fields.Next())
        {
            if (fields.Is("name"u8)) name = fields.Text();
            else if (fields.Is("altNames"u8)) altNames = fields.Texts();
            else if (fields.Is("mac"u8)) mac = fields.Text();
            else if (fields.Is("mtu"u8)) mtu = fields.Int();
            else if (fields.Is("isUp"u8)) isUp = fields.Bool();
            else if (fields.Is("isAllMulticast"u8)) isAllMulticast = fields.Bool();
            else if (fields.Is("driver"u8)) driver = fields.Text();
            else if (fields.Is("adminMac"u8)) adminMac = fields.Text();
            else if (fields.Is("isMacPinned"u8)) isPinned = fields.Bool();
            else if (fields.Is("vlan"u8)) vlan = fields.Int();
            else if (fields.Is("vlanQos"u8)) qos = fields.Int();
            else if (fields.Is("vlanProtocol"u8)) protocol = Protocol(fields.Text());
            else if (fields.Is("spoofCheck"u8)) spoofCheck = fields.Bool();
            else if (fields.Is("trust"u8)) trust = fields.Bool();
            else if (fields.Is("linkState"u8)) linkState = LinkState(fields.Text());
            else if (fields.Is("minTxRateMbps"u8)) min = fields.UInt();
            else if (fields.Is("maxTxRateMbps"u8)) max = fields.UInt();
            else if (fields.Is("nodeGuid"u8)) node = fields.ULong();
            else if (fields.Is("portGuid"u8)) port = fields.ULong();
            else if (fields.Is("addresses"u8)) addresses = fields.Objects<AddressRecord>(OfAddress);
            else if (fields.Is("trunk"u8)) trunk = fields.Text();
            else fields.Skip();
        }
        return new Baseline
        {
            Name = name,
            AltNames = altNames,
            Mac = mac,
            Mtu = mtu,
            IsUp = isUp ?? false,
            IsAllMulticast = isAllMulticast,
            Driver = driver,
            AdminMac = adminMac,
            IsMacPinned = isPinned ?? false,
            Vlan = vlan,
            VlanQos = qos,
            VlanProtocol = protocol,
            SpoofCheck = spoofCheck,
            Trust = trust,
            LinkState = linkState,
            MinTxRateMbps = min,
            MaxTxRateMbps = max,
            NodeGuid = node,
            PortGuid = port,
            Addresses = addresses,
            Trunk = trunk,
        };
    }

    private static AddressRecord OfAddress(ref JsonFields fields)
    {
        string? address = null, broadcast = null;
        int scope = 0;
        while (fields.Next())
        {
            if (fields.Is("address"u8)) address = fields.SomeText();
            else if (fields.Is("broadcast"u8)) broadcast = fields.Text();
            else if (fields.Is("scope"u8)) scope = fields.Int() ?? 0;
            else fields.Skip();
        }
        return scope is < 0 or > byte.MaxValue
            ? throw new JsonException($"{scope} is no scope of an address")
            : new AddressRecord { Address = address ?? throw JsonFields.Missing("address"), Broadcast = broadcast, Scope = (byte)scope };
    }

    private static string NameOf(VfLinkState state) => state switch
    {
        VfLinkState.Auto => nameof(VfLinkState.Auto),
        VfLinkState.Enable => nameof(VfLinkState.Enable),
        _ => nameof(VfLinkState.Disable),
    };

    private static VlanProtocol? Protocol(string? name) => name switch
    {
        null => null,
        nameof(VlanProtocol.Dot1Q) => VlanProtocol.Dot1Q,
        nameof(VlanProtocol.Dot1Ad) => VlanProtocol.Dot1Ad,
        _ => throw new JsonException($"{name} is no VLAN protocol"),
    };

    private static VfLinkState? LinkState(string? name) => name switch
    {
        null => null,
        nameof(VfLinkState.Auto) => VfLinkState.Auto,
        nameof(VfLinkState.Enable) => VfLinkState.Enable,
        nameof(VfLinkState.Disable) => VfLinkState.Disable,
        _ => throw new JsonException($"{name} is no link state"),
    };
}
