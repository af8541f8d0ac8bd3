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

    private static readonly Option<string?> Certificate = new("--metrics-certificate")
    {
        Description = "Serve metrics by TLS with this certificate (PEM), read again when it changes",
    };

    private static readonly Option<string?> Key = new("--metrics-key")
    {
        Description = "The certificate's private key (PEM); without it, it is in the certificate's file",
    };

    private static readonly Option<string?> Token = new("--metrics-token-file")
    {
        Description = "Serve metrics only to those who send the token in this file, read again when it changes",
    };

    private static readonly Option<bool> InsecureToken = new("--metrics-insecure-token")
    {
        Description = "Take the token without TLS on a network too",
    };

    private static readonly Option<bool> NoRecent = new("--no-recent")
    {
        Description = "Keep no recent history of VFs: no sample every 5 s, and no memory for it",
    };

    public static Command Create()
    {
        Command agent = new("agent", "Watch over this machine: take VFs back, serve the API, until ended")
        {
            AgentPlace.Socket, Docker, Engine, Metrics, Certificate, Key, Token, InsecureToken, NoRecent,
        };
        agent.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            IPEndPoint? metrics = null;
            if (parsed.GetValue(Metrics) is { } address && !MetricsAddress.Parse(address).Try(out metrics, out Fault? wrong))
                return wrong;
            MetricsSecurity security = new()
            {
                CertificateFile = parsed.GetValue(Certificate),
                KeyFile = parsed.GetValue(Key),
                TokenFile = parsed.GetValue(Token),
                AllowsInsecureToken = parsed.GetValue(InsecureToken),
            };
            bool isJournal = AgentLog.IsJournal(AgentPlace.OwnFiles, Environment.GetEnvironmentVariable("JOURNAL_STREAM"));
            AgentOptions options = new()
            {
                Doors = Doors.All(),
                SocketPath = parsed.GetValue(AgentPlace.Socket)!,
                Version = AgentPlace.Version,
                DockerSocket = parsed.GetResult(Docker) is null ? null : parsed.GetValue(Docker) ?? DockerServer.DefaultPath,
                DockerEngineSocket = parsed.GetValue(Engine)!,
                Metrics = metrics,
                MetricsSecurity = security,
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
