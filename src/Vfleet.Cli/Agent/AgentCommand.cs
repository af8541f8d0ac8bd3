using System.CommandLine;
using Vfleet.Agent;
using Vfleet.Agent.Docker;
using Vfleet.Agent.Log;
using Vfleet.Agent.Systemd;
using Vfleet.Cli.Session;
using Vfleet.Containers.Docker;

namespace Vfleet.Cli.Agent;

/// <summary><c>vfleet agent</c></summary>
internal static class AgentCommand
{
    private static readonly Option<string?> Docker = new("--docker")
    {
        Description = $"Serve Docker's network driver too, on this socket; without a path on {DockerServer.DefaultPath}",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string> Engine = new("--docker-engine")
    {
        Description = "The socket of dockerd's API, which is asked whether containers live",
        DefaultValueFactory = _ => DockerEngine.DefaultPath,
    };

    public static Command Create()
    {
        Command agent = new("agent", "Watch over this machine: take VFs back, serve the API, until ended")
        {
            AgentPlace.Socket, Docker, Engine,
        };
        agent.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            bool isJournal = AgentLog.IsJournal(AgentPlace.OwnFiles, Environment.GetEnvironmentVariable("JOURNAL_STREAM"));
            AgentOptions options = new()
            {
                Doors = Doors.All(),
                SocketPath = parsed.GetValue(AgentPlace.Socket)!,
                Version = AgentPlace.Version,
                DockerSocket = parsed.GetResult(Docker) is null ? null : parsed.GetValue(Docker) ?? DockerServer.DefaultPath,
                DockerEngineSocket = parsed.GetValue(Engine)!,
                Actor = session.Me with { FrontDoor = "agent" },
                Service = ServiceEnvironment.Read(Environment.GetEnvironmentVariable, Environment.ProcessId),
            };
            NodeAgent daemon = new(session.Kernel, session.Host.Options with { Attachments = null }, options, new AgentLog(Console.Error, isJournal));
            return (await daemon.RunAsync(cancel).ConfigureAwait(false)).Fault;
        }));
        return agent;
    }
}
