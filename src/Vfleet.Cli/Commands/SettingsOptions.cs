using System.CommandLine;
using System.Globalization;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Commands;

/// <summary>The options of a VF's settings: of <c>vf set</c> and of <c>attach</c>.</summary>
internal sealed class SettingsOptions
{
    private readonly Option<string?> _mac = new("--mac") { Description = "MAC address set through the PF; 00:00:00:00:00:00 leaves the choice to the VF" };
    private readonly Option<string?> _vlan = new("--vlan") { Description = "Port VLAN, 0 to 4094; 0 removes it" };
    private readonly Option<string?> _qos = new("--qos") { Description = "Priority of the VLAN, 0 to 7" };
    private readonly Option<string?> _proto = new("--proto") { Description = "Protocol of the VLAN: 802.1q, 802.1ad" };
    private readonly Option<string?> _trunk = new("--trunk") { Description = "VLANs the VF may tag itself, such as 100-110,200" };
    private readonly Option<string?> _spoofCheck = new("--spoofchk") { Description = "Drop frames with a foreign source address: on, off" };
    private readonly Option<string?> _trust = new("--trust") { Description = "Let the VF change its own address and modes: on, off" };
    private readonly Option<string?> _linkState = new("--link-state") { Description = "Link state: auto, enable, disable" };
    private readonly Option<string?> _minRate = new("--min-rate") { Description = "Guaranteed rate in Mbit/s; 0 is none" };
    private readonly Option<string?> _maxRate = new("--max-rate") { Description = "Largest rate in Mbit/s; 0 is no limit" };
    private readonly Option<string?> _nodeGuid = new("--node-guid") { Description = "InfiniBand node GUID, such as 00:11:22:33:44:55:66:77" };
    private readonly Option<string?> _portGuid = new("--port-guid") { Description = "InfiniBand port GUID" };

    public void AddTo(Command command)
    {
        Option<string?>[] all = [_mac, _vlan, _qos, _proto, _trunk, _spoofCheck, _trust, _linkState, _minRate, _maxRate, _nodeGuid, _portGuid];
        foreach (Option<string?> option in all)
            command.Options.Add(option);
    }

    /// <summary>The settings wanted, or what is wrong with the first bad one.</summary>
    public Outcome<VfSettings> Read(ParseResult parsed)
    {
        Fault? wrong = null;
        VfSettings settings = new()
        {
            Mac = Value(_mac, Mac, "a MAC address such as 02:00:00:00:00:01"),
            Vlan = Value(_vlan, text => Number(text, 4094), "a VLAN from 0 to 4094"),
            VlanQos = Value(_qos, text => Number(text, 7), "a priority from 0 to 7"),
            VlanProtocol = Value(_proto, Protocol, "802.1q or 802.1ad"),
            SpoofCheck = Value(_spoofCheck, OnOff, "on or off"),
            Trust = Value(_trust, OnOff, "on or off"),
            LinkState = Value(_linkState, LinkState, "auto, enable or disable"),
            MinTxRateMbps = Value(_minRate, Rate, "a rate in Mbit/s from 0 to 4294967295"),
            MaxTxRateMbps = Value(_maxRate, Rate, "a rate in Mbit/s from 0 to 4294967295"),
            NodeGuid = Value(_nodeGuid, Guid, "a GUID of eight bytes"),
            PortGuid = Value(_portGuid, Guid, "a GUID of eight bytes"),
            Trunk = Trunk(),
        };
        return wrong is null ? settings : wrong;

        T? Value<T>(Option<string?> option, Func<string, T?> parse, string expected)
            where T : struct
        {
            if (parsed.GetValue(option) is not { } text)
                return null;
            T? value = parse(text);
            if (value is null)
                wrong ??= Wrong(option, text, expected);
            return value;
        }

        VlanTrunk? Trunk()
        {
            if (parsed.GetValue(_trunk) is not { } text)
                return null;
            if (!VlanTrunk.TryParse(text, out VlanTrunk? trunk))
                wrong ??= Wrong(_trunk, text, "VLANs from 1 to 4094, such as 100-110,200");
            return trunk;
        }
    }

    private static Fault Wrong(Option option, string text, string expected) => Fault.Usage($"{option.Name} \"{text}\" is not {expected}");

    private static MacAddress? Mac(string text) => MacAddress.TryParse(text, out MacAddress mac) ? mac : null;

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= most ? value : null;

    private static uint? Rate(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value) ? value : null;

    private static bool? OnOff(string text) => text.ToLowerInvariant() switch { "on" => true, "off" => false, _ => null };

    private static VlanProtocol? Protocol(string text) =>
        text.ToLowerInvariant() switch { "802.1q" => VlanProtocol.Dot1Q, "802.1ad" => VlanProtocol.Dot1Ad, _ => null };

    private static VfLinkState? LinkState(string text) => text.ToLowerInvariant() switch
    {
        "auto" => VfLinkState.Auto,
        "enable" => VfLinkState.Enable,
        "disable" => VfLinkState.Disable,
        _ => null,
    };

    private static ulong? Guid(string text)
    {
        string digits = text.Replace(":", "", StringComparison.Ordinal);
        bool isShaped = text.Length == 23 ? text.Split(':').All(part => part.Length == 2) : text.Length == 16;
        return isShaped && ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) ? value : null;
    }
}
