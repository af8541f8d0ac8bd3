using System.Text.Json;
using Vfleet.Cni.Protocol;
using Vfleet.Host.Settings;
using Vfleet.Linux.Route;

namespace Vfleet.Cni.Config;

/// <summary>Reads a network's configuration. Nothing is touched before all of it is found right.</summary>
internal static class ConfigReader
{
    /// <summary>Reads what a command needs. DEL overlooks what is wrong: it must be able to take back what is there.</summary>
    public static CniOutcome<NetworkConfig> Read(ReadOnlyMemory<byte> bytes, CniCall call)
    {
        if (CniJson.Parse(bytes, out string? broken) is not { } json)
            return new CniError(CniCode.Undecodable, "the configuration on standard input cannot be read", broken);
        CniError? wrong = null;
        NetworkConfig config = new()
        {
            Bytes = bytes,
            CniVersion = json.Text("cniVersion", ref wrong) is { Length: > 0 } version ? version : CniVersion.All[0],
            Name = json.Text("name", ref wrong) ?? "",
            StateDirectory = json.Text("stateDir", ref wrong) is { Length: > 0 } state ? state : null,
        };
        // DEL too: under another name, or in another ledger, it would find nothing and say that all is done.
        wrong ??= CniVersion.Check(config.CniVersion) ?? CheckName(config.Name) ?? CheckPath("stateDir", config.StateDirectory);
        if (wrong is not null)
            return wrong;
        config = Common(json, config, ref wrong);
        if (call.Command == CniCommand.Del)
            return config;
        if (wrong is not null)
            return wrong;
        if (call.Command is CniCommand.Add or CniCommand.Check or CniCommand.Status)
        {
            config = config with
            {
                Settings = Settings(json, call, ref wrong),
                Mtu = json.Number("mtu", 68, 65535, ref wrong),
                AllMulticast = json.Flag("allmulti", ref wrong) ?? false,
                Bond = BondReader.Read(json, ref wrong),
            };
        }
        if (call.Command is CniCommand.Add)
            wrong ??= CheckArguments(call);
        if (call.Command is CniCommand.Add && wrong is null && config.DeviceId is null && config.Pool is null)
            wrong = CniJson.Wrong("the configuration names no VF",
                "give deviceID, the PCI address of a VF, or pool, to get a free one of it");
        if (config is { Bond: not null, DeviceId: not null } or { Bond: not null, Pool: null })
            wrong ??= CniJson.Wrong("a bond needs a pool and no deviceID", "the ledger chooses two VFs of the pool on two PFs");
        return wrong is null ? config : wrong;
    }

    private static NetworkConfig Common(CniJson json, NetworkConfig config, ref CniError? wrong)
    {
        string? device = json.Text("deviceID", ref wrong);
        if (device is { Length: > 0 } && !PciAddress.TryParse(device, out _))
            wrong ??= CniJson.Wrong($"deviceID \"{device}\" is no PCI address", "it looks like 0000:01:10.0");
        string? log = json.Text("logFile", ref wrong) is { Length: > 0 } file ? file : null;
        CniError? unwritable = CheckPath("logFile", log) ?? CheckLog(log);
        wrong ??= unwritable;
        HashSet<(string, string)> valid = [];
        foreach (JsonElement attachment in json.List("cni.dev/valid-attachments", ref wrong))
        {
            CniJson? each = attachment.ValueKind == JsonValueKind.Object ? new CniJson(attachment) : null;
            if (each?.Text("containerID", ref wrong) is { Length: > 0 } container
                && each?.Text("ifname", ref wrong) is { Length: > 0 } name)
                _ = valid.Add((container, name));
            else
                wrong ??= CniJson.Wrong("cni.dev/valid-attachments holds something that is no attachment",
                    "each has containerID and ifname");
        }
        return config with
        {
            DeviceId = device is { Length: > 0 } ? device : null,
            Pool = json.Text("pool", ref wrong) is { Length: > 0 } pool ? pool : null,
            Tenant = json.Text("tenant", ref wrong) is { Length: > 0 } tenant ? tenant : null,
            IpamType = json.Object("ipam", ref wrong)?.Text("type", ref wrong) is { Length: > 0 } type ? type : null,
            Previous = json.Find("prevResult"),
            Valid = valid,
            HasValid = json.Find("cni.dev/valid-attachments") is not null,
            LogFile = unwritable is null ? log : null,
            LogLevel = LogLevel(json, ref wrong),
        };
    }

    private static VfSettings Settings(CniJson json, CniCall call, ref CniError? wrong)
    {
        bool isCompatible = json.Flag("compat", ref wrong) ?? false;
        int? vlan = json.Number("vlan", 0, 4094, ref wrong);
        int? qos = json.Number("vlanQoS", 0, 7, ref wrong);
        VlanProtocol? protocol = Protocol(json, ref wrong);
        if (vlan is null && (qos is not null || protocol is not null))
            wrong ??= CniJson.Wrong($"{(qos is null ? "vlanProto" : "vlanQoS")} needs a vlan");
        if (vlan == 0 && (qos > 0 || protocol == VlanProtocol.Dot1Ad))
            wrong ??= CniJson.Wrong($"{(qos > 0 ? "vlanQoS" : "vlanProto 802.1ad")} needs a vlan other than 0");
        int? least = json.Number("min_tx_rate", 0, int.MaxValue, ref wrong);
        int? most = json.Number("max_tx_rate", 0, int.MaxValue, ref wrong);
        if (least > most && most > 0)
            wrong ??= CniJson.Wrong($"min_tx_rate {least} is above max_tx_rate {most}", "both are Mbit/s");
        return new VfSettings
        {
            Vlan = vlan,
            VlanQos = qos ?? (vlan is null ? null : 0),
            VlanProtocol = protocol ?? (vlan is null ? null : VlanProtocol.Dot1Q),
            Trunk = Trunk(json, ref wrong),
            Mac = Mac(json, call, ref wrong),
            MinTxRateMbps = (uint?)least,
            MaxTxRateMbps = (uint?)most,
            SpoofCheck = Switch(json, "spoofchk", isCompatible, ref wrong),
            Trust = Switch(json, "trust", isCompatible, ref wrong),
            LinkState = LinkState(json, ref wrong),
        };
    }

    private static CniLogLevel? LogLevel(CniJson json, ref CniError? wrong)
    {
        if (json.Text("logLevel", ref wrong) is not { Length: > 0 } text)
            return null;
        CniLogLevel[] levels = Enum.GetValues<CniLogLevel>();
        int found = Array.FindIndex(levels, level => level.ToString().Equals(text, StringComparison.OrdinalIgnoreCase));
        if (found >= 0)
            return levels[found];
        wrong ??= CniJson.Wrong($"logLevel \"{text}\" is unknown", $"it is {string.Join(", ", levels).ToLowerInvariant()}");
        return null;
    }

    private static VlanProtocol? Protocol(CniJson json, ref CniError? wrong)
    {
        string? text = json.Text("vlanProto", ref wrong);
        switch (text?.ToLowerInvariant())
        {
            case null or "":
                return null;
            case "802.1q":
                return VlanProtocol.Dot1Q;
            case "802.1ad":
                return VlanProtocol.Dot1Ad;
            default:
                wrong ??= CniJson.Wrong($"vlanProto \"{text}\" is unknown", "it is 802.1q or 802.1ad");
                return null;
        }
    }

    private static VlanTrunk? Trunk(CniJson json, ref CniError? wrong)
    {
        if (json.Text("vlanTrunk", ref wrong) is not { Length: > 0 } text)
            return null;
        if (VlanTrunk.TryParse(text, out VlanTrunk? trunk))
            return trunk;
        wrong ??= CniJson.Wrong($"vlanTrunk \"{text}\" is no list of VLANs", "it looks like 100-110,200, with VLANs from 1 to 4094");
        return null;
    }

    private static VfLinkState? LinkState(CniJson json, ref CniError? wrong)
    {
        string? text = json.Text("link_state", ref wrong);
        switch (text)
        {
            case null or "":
                return null;
            case "auto":
                return VfLinkState.Auto;
            case "enable":
                return VfLinkState.Enable;
            case "disable":
                return VfLinkState.Disable;
            default:
                wrong ??= CniJson.Wrong($"link_state \"{text}\" is unknown", "it is auto, enable or disable");
                return null;
        }
    }

    /// <summary>Today's plugin takes any word but "on" for off; asked for with <c>compat</c>, so does this one.</summary>
    private static bool? Switch(CniJson json, string key, bool isCompatible, ref CniError? wrong)
    {
        string? text = json.Text(key, ref wrong);
        if (text is null or "")
            return null;
        if (text is not ("on" or "off") && !isCompatible)
            wrong ??= CniJson.Wrong(
                $"{key} \"{text}\" is neither on nor off", "\"compat\": true takes every other word for off, as before");
        return text == "on";
    }

    /// <summary>The runtime's MAC weighs more than the arguments', and that more than the configuration's.</summary>
    private static MacAddress? Mac(CniJson json, CniCall call, ref CniError? wrong)
    {
        string? text = json.Object("runtimeConfig", ref wrong)?.Text("mac", ref wrong) is { Length: > 0 } runtime ? runtime
            : call.Arguments.GetValueOrDefault("MAC") is { Length: > 0 } argument ? argument
            : json.Text("mac", ref wrong);
        if (text is null or "")
            return null;
        if (!MacAddress.TryParse(text.ToLowerInvariant(), out MacAddress mac))
            wrong ??= CniJson.Wrong($"mac \"{text}\" is no MAC address", "it looks like 02:00:00:00:00:01");
        else if (mac.IsMulticast || mac.IsZero)
            wrong ??= CniJson.Wrong($"mac {mac} is {(mac.IsZero ? "zero" : "a group's")}", "an interface needs the address of one station");
        return mac;
    }

    /// <summary>
    /// Source: github.com/containernetworking/cni, pkg/types/args.go: unknown keys are errors unless IgnoreUnknown is true.
    /// </summary>
    private static CniError? CheckArguments(CniCall call)
    {
        if (call.Arguments.GetValueOrDefault("IgnoreUnknown") is { } ignore && ignore.ToLowerInvariant() is "1" or "true")
            return null;
        foreach (string key in call.Arguments.Keys)
        {
            if (key is not ("IgnoreUnknown" or "MAC") && !key.StartsWith("K8S_POD_", StringComparison.Ordinal))
                return new CniError(CniCode.InvalidEnvironment, $"CNI_ARGS: {key} is unknown", "add IgnoreUnknown=1 to have it overlooked");
        }
        return null;
    }

    /// <summary>Lines between the braces of the answer would make it none.</summary>
    private static CniError? CheckLog(string? path) => path is "/dev/stdout" or "/dev/fd/1" or "/proc/self/fd/1"
        ? CniJson.Wrong($"logFile {path} is standard output, which has the answer", "take /dev/stderr, or a file")
        : null;

    private static CniError? CheckPath(string key, string? path) =>
        path is null || (path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal))
            ? null
            : CniJson.Wrong($"{key} \"{path}\" is no absolute path");

    /// <summary>Source: CNI SPEC 1.1.0, "name".</summary>
    private static CniError? CheckName(string name) => CniName.IsGood(name)
        ? null
        : CniJson.Wrong(name.Length == 0 ? "the configuration has no name" : $"network name \"{name}\" is not allowed", CniName.Rule);
}
