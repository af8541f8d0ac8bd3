namespace Vfleet.Cni.Protocol;

/// <summary>What the runtime wants.</summary>
internal enum CniCommand
{
    Add,
    Del,
    Check,
    Gc,
    Status,
    Version,
}

/// <summary>The environment of one call. Source: CNI SPEC 1.1.0, "Parameters".</summary>
internal sealed record CniCall
{
    private const int LongestInterface = 15;

    /// <summary>CNI_COMMAND.</summary>
    public required CniCommand Command { get; init; }

    /// <summary>CNI_CONTAINERID.</summary>
    public string ContainerId { get; init; } = "";

    /// <summary>CNI_NETNS; empty where DEL is called without one.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>CNI_IFNAME.</summary>
    public string InterfaceName { get; init; } = "";

    /// <summary>CNI_ARGS, by key.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders of CNI_PATH.</summary>
    public IReadOnlyList<string> Path { get; init; } = [];

    /// <summary>CNI_ARGS, as another program is given them.</summary>
    public string ArgumentText => string.Join(';', Arguments.Select(pair => $"{pair.Key}={pair.Value}"));

    /// <summary>CNI_PATH, as another program is given it.</summary>
    public string PathText => string.Join(':', Path);

    /// <summary>Reads it.</summary>
    /// <param name="variable">A variable's value; null where it is not set.</param>
    public static CniOutcome<CniCall> Read(Func<string, string?> variable)
    {
        string word = variable("CNI_COMMAND") ?? "";
        CniCommand? command = word switch
        {
            "ADD" => CniCommand.Add,
            "DEL" => CniCommand.Del,
            "CHECK" => CniCommand.Check,
            "GC" => CniCommand.Gc,
            "STATUS" => CniCommand.Status,
            "VERSION" => CniCommand.Version,
            _ => null,
        };
        if (command is null)
            return Wrong(word.Length == 0 ? "CNI_COMMAND is not set" : $"CNI_COMMAND \"{word}\" is unknown",
                "it is ADD, DEL, CHECK, GC, STATUS or VERSION");
        CniCall call = new()
        {
            Command = command.Value,
            ContainerId = variable("CNI_CONTAINERID") ?? "",
            Namespace = variable("CNI_NETNS") ?? "",
            InterfaceName = variable("CNI_IFNAME") ?? "",
            Path = (variable("CNI_PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
        };
        if (call.Missing() is { } missing)
            return missing;
        if (call.IsAboutContainer && (CheckId(call.ContainerId) ?? CheckName(call.InterfaceName)) is { } bad)
            return bad;
        return ReadArguments(variable("CNI_ARGS") ?? "").Try(out IReadOnlyDictionary<string, string>? arguments, out CniError? wrong)
            ? call with { Arguments = arguments }
            : wrong;
    }

    private bool IsAboutContainer => Command is CniCommand.Add or CniCommand.Del or CniCommand.Check;

    private CniError? Missing()
    {
        List<string> missing = [];
        if (IsAboutContainer && ContainerId.Length == 0)
            missing.Add("CNI_CONTAINERID");
        if (Command is CniCommand.Add or CniCommand.Check && Namespace.Length == 0)
            missing.Add("CNI_NETNS");
        if (IsAboutContainer && InterfaceName.Length == 0)
            missing.Add("CNI_IFNAME");
        if (Command != CniCommand.Version && Path.Count == 0)
            missing.Add("CNI_PATH");
        return missing.Count == 0
            ? null
            : Wrong($"{string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} not set", "the container runtime sets it");
    }

    private static CniError? CheckId(string id) =>
        CniName.IsGood(id) ? null : Wrong($"CNI_CONTAINERID \"{id}\" is not allowed", CniName.Rule);

    private static CniError? CheckName(string name) => Linux.Route.InterfaceName.Check(name) is { } wrong
        ? Wrong($"CNI_IFNAME \"{name}\" is not allowed: {wrong.Error}",
            $"an interface name has 1 to {LongestInterface} bytes, without '/', ':' and spaces")
        : null;

    private static CniOutcome<IReadOnlyDictionary<string, string>> ReadArguments(string text)
    {
        Dictionary<string, string> arguments = new(StringComparer.Ordinal);
        foreach (string pair in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                return Wrong($"CNI_ARGS: \"{pair}\" is no KEY=VALUE", "pairs are parted by ';'");
            arguments[pair[..equals]] = pair[(equals + 1)..];
        }
        return arguments;
    }

    private static CniError Wrong(string message, string details) => new(CniCode.InvalidEnvironment, message, details);
}
