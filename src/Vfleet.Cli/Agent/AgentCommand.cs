using System.CommandLine;
using System.Net;
using Vfleet.Agent;
using Vfleet.Agent.Docker;
using Vfleet.Agent.Log;
using Vfleet.Agent.Metrics;
using Vfleet.Agent.Systemd;
using Vfleet.Cli.Session;
using Vfleet.Containers.Docker;
using Vfleet.Linux;

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

    private static readonly Option<string?> Metrics = new("--metrics")
    {
        Description = "Serve metrics for Prometheus on this address, such as 127.0.0.1:9808",
    };

    private static readonly Option<bool> NoRecent = new("--no-recent")
    {
        Description = "Keep no recent history of VFs: no sample every 5 s, and no memory for it",
    };

    public static Command Create()
    {
        Command agent = new("agent", "Watch over this machine: take VFs back, serve the API, until ended")
        {
            AgentPlace.Socket, Docker, Engine, Metrics, NoRecent,
        };
        agent.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            IPEndPoint? metrics = null;
            if (parsed.GetValue(Metrics) is { } address && !MetricsAddress.Parse(address).Try(out metrics, out Fault? wrong))
                return wrong;
            bool isJournal = AgentLog.IsJournal(AgentPlace.OwnFiles, Environment.GetEnvironmentVariable("JOURNAL_STREAM"));
            AgentOptions options = new()
            {
                Doors = Doors.All(),
                SocketPath = parsed.GetValue(AgentPlace.Socket)!,
                Version = AgentPlace.Version,
                DockerSocket = parsed.GetResult(Docker) is null ? null : parsed.GetValue(Docker) ?? DockerServer.DefaultPath,
                DockerEngineSocket = parsed.GetValue(Engine)!,
                Metrics = metrics,
                KeepsRecent = !parsed.GetValue(NoRecent),
                HostName = Environment.MachineName,
                Actor = session.Me with { FrontDoor = "agent" },
                Service = ServiceEnvironment.Read(Environment.GetEnvironmentVariable, Environment.ProcessId),
            };
            NodeAgent daemon = new(session.Kernel, session.Host.Options with { Attachments = null }, options, new AgentLog(Console.Error, isJournal));
            return (await daemon.RunAsync(cancel).ConfigureAwait(false)).Fault;
        }));
        return agent;
    }
}
