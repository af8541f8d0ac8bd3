using System.Net.Sockets;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vfleet.Cni.Ipam;

namespace Vfleet.Cni.Protocol;

/// <summary>What ADD answers.</summary>
/// <param name="InterfaceName">The interface's name.</param>
/// <param name="Mac">Its MAC, lower case; null where a VF without an interface has none.</param>
/// <param name="Mtu">Its MTU in bytes; null where unknown.</param>
/// <param name="Sandbox">The namespace.</param>
/// <param name="Assigned">Addresses, routes, resolvers.</param>
internal sealed record CniResult(string InterfaceName, string? Mac, int? Mtu, string Sandbox, IpamResult Assigned)
{
    private static readonly JsonWriterOptions Format = new()
    {
        Indented = true,
        IndentSize = 4,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes it for a version of the specification. Source: CNI SPEC of each version, "Result types".</summary>
    public byte[] Write(string version) => Json(writer =>
    {
        writer.WriteString("cniVersion", version);
        if (CniVersion.IsAtLeast(version, "0.3.0"))
            WriteLists(writer, version);
        else
            WriteFamilies(writer);
        // 1.0.0 leaves empty resolver settings out; before they were always there.
        if (Assigned.Dns is { ValueKind: JsonValueKind.Object } dns && dns.EnumerateObject().Any())
        {
            writer.WritePropertyName("dns");
            dns.WriteTo(writer);
        }
        else if (!CniVersion.IsAtLeast(version, "1.0.0"))
        {
            writer.WriteStartObject("dns");
            writer.WriteEndObject();
        }
    });

    /// <summary>Writes an error. Source: CNI SPEC 1.1.0, "Error".</summary>
    public static byte[] WriteError(CniError error, string? version) => Json(writer =>
    {
        if (version is not null)
            writer.WriteString("cniVersion", version);
        writer.WriteNumber("code", (int)error.Code);
        writer.WriteString("msg", error.Message);
        if (error.Details is { Length: > 0 } details)
            writer.WriteString("details", details);
    });

    /// <summary>Writes what VERSION answers.</summary>
    public static byte[] WriteVersions() => Json(writer =>
    {
        writer.WriteString("cniVersion", CniVersion.Newest);
        writer.WriteStartArray("supportedVersions");
        foreach (string version in CniVersion.All)
            writer.WriteStringValue(version);
        writer.WriteEndArray();
    });

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using MemoryStream room = new();
        using (Utf8JsonWriter writer = new(room, Format))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        room.WriteByte((byte)'\n');
        return room.ToArray();
    }

    private void WriteLists(Utf8JsonWriter writer, string version)
    {
        bool isNew = CniVersion.IsAtLeast(version, "1.0.0");
        writer.WriteStartArray("interfaces");
        writer.WriteStartObject();
        writer.WriteString("name", InterfaceName);
        if (Mac is not null)
            writer.WriteString("mac", Mac);
        if (isNew && Mtu is { } mtu)
            writer.WriteNumber("mtu", mtu);
        writer.WriteString("sandbox", Sandbox);
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (Assigned.Addresses.Count > 0)
        {
            writer.WriteStartArray("ips");
            foreach (IpamAddress address in Assigned.Addresses)
            {
                writer.WriteStartObject();
                if (!isNew)
                    writer.WriteString("version", IsFour(address) ? "4" : "6");
                writer.WriteNumber("interface", 0);
                writer.WriteString("address", address.Address.ToString());
                if (address.Gateway is not null)
                    writer.WriteString("gateway", address.Gateway.ToString());
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        WriteRoutes(writer, Assigned.Routes, isNewest: CniVersion.IsAtLeast(version, "1.1.0"));
    }

    private void WriteFamilies(Utf8JsonWriter writer)
    {
        foreach ((string key, bool isFour) in (ReadOnlySpan<(string, bool)>)[("ip4", true), ("ip6", false)])
        {
            if (Assigned.Addresses.FirstOrDefault(address => IsFour(address) == isFour) is not { } first)
                continue;
            writer.WriteStartObject(key);
            writer.WriteString("ip", first.Address.ToString());
            if (first.Gateway is not null)
                writer.WriteString("gateway", first.Gateway.ToString());
            IpamRoute[] its = [.. Assigned.Routes
                .Where(route => route.Destination.BaseAddress.AddressFamily == AddressFamily.InterNetwork == isFour)];
            WriteRoutes(writer, its, isNewest: false);
            writer.WriteEndObject();
        }
    }

    private static void WriteRoutes(Utf8JsonWriter writer, IReadOnlyList<IpamRoute> routes, bool isNewest)
    {
        if (routes.Count == 0)
            return;
        writer.WriteStartArray("routes");
        foreach (IpamRoute route in routes)
        {
            writer.WriteStartObject();
            writer.WriteString("dst", route.Destination.ToString());
            if (route.Gateway is not null)
                writer.WriteString("gw", route.Gateway.ToString());
            foreach ((string key, uint? value) in (ReadOnlySpan<(string, uint?)>)
            [
                ("mtu", route.Mtu), ("advmss", route.AdvertisedMss), ("priority", route.Priority),
                ("table", route.Table), ("scope", route.Scope),
            ])
            {
                if (isNewest && value is { } number)
                    writer.WriteNumber(key, number);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static bool IsFour(IpamAddress address) => address.Address.Address.AddressFamily == AddressFamily.InterNetwork;
}
