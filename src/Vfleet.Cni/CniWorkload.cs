using System.Text;
using System.Text.Json;
using Vfleet.Cni.Config;
using Vfleet.Cni.Protocol;
using Vfleet.Node.Ledger;

namespace Vfleet.Cni;

/// <summary>
/// An attachment in the words of the call that made it; kept with the owner in the ledger, so that any program can undo it.
/// </summary>
/// <param name="Network">Name of the network.</param>
/// <param name="ContainerId">CNI_CONTAINERID.</param>
/// <param name="InterfaceName">CNI_IFNAME.</param>
public sealed record CniWorkload(string Network, string ContainerId, string InterfaceName)
{
    /// <summary>The front door's name in the ledger.</summary>
    public const string FrontDoor = "cni";

    /// <summary>The configuration, where an address plugin has to be called again; null where there is none.</summary>
    public string? Config { get; init; }

    /// <summary>The folders address plugins are in, parted by colons.</summary>
    public string? Path { get; init; }

    /// <summary>CNI_ARGS.</summary>
    public string? Arguments { get; init; }

    /// <summary>Names the attachment in the ledger, so that a second call for it cannot get another VF. Neither part has a slash.</summary>
    internal string RequestKey => $"{FrontDoor}/{Network}/{ContainerId}/{InterfaceName}";

    /// <summary>The words of a call.</summary>
    internal static CniWorkload Of(CniCall call, NetworkConfig config) => new(config.Name, call.ContainerId, call.InterfaceName)
    {
        Config = config.IpamType is null ? null : Encoding.UTF8.GetString(config.Bytes.Span),
        Path = config.IpamType is null ? null : call.PathText,
        Arguments = config.IpamType is null || call.Arguments.Count == 0 ? null : call.ArgumentText,
    };

    /// <summary>The words kept with an owner; null where it is not this front door's.</summary>
    internal static CniWorkload? Of(LedgerAllocation allocation) => allocation.FrontDoor == FrontDoor ? Read(allocation.Owner) : null;

    /// <summary>True where an allocation of this front door has words, and they are of a later version or damaged.</summary>
    internal static bool IsUnreadable(LedgerAllocation allocation) =>
        allocation is { FrontDoor: FrontDoor, Owner.Workload: not null } && Read(allocation.Owner) is null;

    /// <summary>The words kept with an owner of this front door; null where there are none, or they cannot be read.</summary>
    internal static CniWorkload? Read(Owner owner)
    {
        if (owner.Workload is not { } text)
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            return new CniWorkload(Required("network"), Required("containerID"), Required("ifname"))
            {
                Config = Optional("config"),
                Path = Optional("path"),
                Arguments = Optional("args"),
            };

            string Required(string key) => root.GetProperty(key).GetString() ?? throw new JsonException($"{key} is null");

            string? Optional(string key) => root.TryGetProperty(key, out JsonElement value) ? value.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Words of a later version, or damaged: not to be guessed. Whoever needs them says so.
            return null;
        }
    }

    /// <summary>True for the same interface of the same container in the same network.</summary>
    internal bool IsSame(CniWorkload other) => RequestKey == other.RequestKey;

    /// <summary>As the ledger keeps it.</summary>
    internal string ToJson()
    {
        using MemoryStream room = new();
        using (Utf8JsonWriter writer = new(room))
        {
            writer.WriteStartObject();
            writer.WriteString("network", Network);
            writer.WriteString("containerID", ContainerId);
            writer.WriteString("ifname", InterfaceName);
            Write("config", Config);
            Write("path", Path);
            Write("args", Arguments);
            writer.WriteEndObject();

            void Write(string key, string? value)
            {
                if (value is not null)
                    writer.WriteString(key, value);
            }
        }
        return Encoding.UTF8.GetString(room.ToArray());
    }
}
