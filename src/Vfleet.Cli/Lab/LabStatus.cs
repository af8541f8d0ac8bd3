using System.Text.Json.Nodes;

namespace Vfleet.Cli.Lab;

/// <summary>What state the lab is in.</summary>
internal enum LabCondition
{
    /// <summary>Nobody started it, or it was ended.</summary>
    Stopped,

    /// <summary>It was started and its process is gone: the guest panicked, powered off or was killed.</summary>
    Crashed,

    /// <summary>The process lives and the agent does not answer: still booting, or stuck.</summary>
    Silent,

    /// <summary>Ready for commands.</summary>
    Running,
}

/// <summary>The answer of <c>vfleet lab status</c>.</summary>
internal sealed record LabStatus(LabCondition Condition, LabPaths Paths)
{
    internal int? Pid { get; init; }

    internal TimeSpan? Uptime { get; init; }

    internal LabState? State { get; init; }

    /// <summary>Unknown is null; a lab that does not run has no pid, share and sockets.</summary>
    internal JsonObject ToJson() => new()
    {
        ["state"] = Condition switch
        {
            LabCondition.Running => "running",
            LabCondition.Silent => "silent",
            LabCondition.Crashed => "crashed",
            _ => "stopped",
        },
        ["pid"] = Pid,
        ["uptimeSeconds"] = Uptime is { } uptime ? (long)uptime.TotalSeconds : null,
        ["accel"] = State?.Accel,
        ["kernel"] = State?.Kernel,
        ["qemu"] = State?.Qemu,
        ["share"] = Pid is null ? null : Paths.Share,
        ["console"] = State is null ? null : Paths.ConsoleLog,
        ["runtime"] = Paths.Runtime,
        ["cache"] = Paths.Cache,
        ["sockets"] = Pid is null
            ? new JsonArray()
            : new JsonArray([.. Enumerable.Range(0, LabPaths.ChannelCount).Select(i => (JsonNode)Paths.ChannelSocket(i))]),
    };
}
