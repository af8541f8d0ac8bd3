using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Vfleet.Linux.Probes;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>A target whose way through each VF of a pool is measured.</summary>
public sealed record ProbeSpec
{
    /// <summary>Most targets of a pool.</summary>
    public const int Most = 16;

    private const int UsualSeconds = 10;

    /// <summary>Its address.</summary>
    public IPAddress Address { get; init; } = IPAddress.None;

    /// <summary>How it is asked.</summary>
    public ProbeProtocol? Protocol { get; init; }

    /// <summary>TCP port.</summary>
    public int? Port { get; init; }

    /// <summary>Seconds from one time to the next.</summary>
    public int? IntervalSeconds { get; init; }

    /// <summary>The probe, with defaults where nothing is written.</summary>
    public PoolProbe ToProbe() => new(
        new ProbeTarget(Address, Protocol ?? ProbeProtocol.Icmp, Port ?? 0), TimeSpan.FromSeconds(IntervalSeconds ?? UsualSeconds));
}

/// <summary>An address of one host.</summary>
internal sealed class AddressKind : ValueKind<IPAddress>
{
    /// <inheritdoc/>
    public override bool TryRead(DocumentNode node, string path, Reading reading, out IPAddress value)
    {
        value = IPAddress.None;
        if (!TryText(node, path, reading, out string text))
            return false;
        // The runtime takes 1 for 0.0.0.1, and a scope that means another interface in each namespace.
        if (IPAddress.TryParse(text, out IPAddress? read) && string.Equals(read.ToString(), text, StringComparison.OrdinalIgnoreCase) && !text.Contains('%', StringComparison.Ordinal) && IsOfOneHost(read))
        {
            value = read;
            return true;
        }
        reading.Problem(node, $"{path}: {Quoted.Short(text)} is no address of one host", "write it as 192.0.2.1 or 2001:db8::1");
        return false;
    }

    /// <inheritdoc/>
    public override JsonNode? Write(IPAddress value) => JsonValue.Create(value.ToString());

    /// <inheritdoc/>
    public override JsonObject Schema() => new()
    {
        ["type"] = "string",
        ["anyOf"] = new JsonArray(new JsonObject { ["format"] = "ipv4" }, new JsonObject { ["format"] = "ipv6" }),
    };

    private static bool IsOfOneHost(IPAddress address) => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.Broadcast)
        && !address.IsIPv6Multicast && !(address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is >= 224 and < 240);
}
