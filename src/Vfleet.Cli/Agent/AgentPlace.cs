using System.CommandLine;
using System.Reflection;
using Vfleet.Agent.Sockets;
using Vfleet.Linux;
using Vfleet.Linux.Real;

namespace Vfleet.Cli.Agent;

/// <summary>Where the commands of the agent find it.</summary>
internal static class AgentPlace
{
    public static readonly Option<string> Socket = new("--socket")
    {
        Description = "The agent's socket",
        DefaultValueFactory = _ => AgentSocket.DefaultPath,
    };

    public static string Version { get; } =
        typeof(AgentPlace).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The files of the kernel this process runs on, whichever one it manages.</summary>
    public static IFileTree OwnFiles { get; } = new LinuxKernel().Files;
}
