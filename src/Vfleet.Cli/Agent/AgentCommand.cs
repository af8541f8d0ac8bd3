using System.CommandLine;
using Vfleet.Agent;
using Vfleet.Agent.Log;
using Vfleet.Agent.Systemd;
using Vfleet.Cli.Session;

namespace Vfleet.Cli.Agent;

/// <summary><c>vfleet agent</c></summary>
internal static class AgentCommand
{
    public static Command Create()
    {
        Command agent = new("agent", "Watch over this machine: take VFs back, serve the API, until ended") { AgentPlace.Socket };
        agent.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            bool isJournal = AgentLog.IsJournal(AgentPlace.OwnFiles, Environment.GetEnvironmentVariable("JOURNAL_STREAM"));
            AgentOptions options = new()
            {
                Doors = Doors.All(),
                SocketPath = parsed.GetValue(AgentPlace.Socket)!,
                Version = AgentPlace.Version,
                Actor = session.Me with { FrontDoor = "agent" },
                Service = ServiceEnvironment.Read(Environment.GetEnvironmentVariable, Environment.ProcessId),
            };
            NodeAgent daemon = new(session.Kernel, session.Host.Options with { Attachments = null }, options, new AgentLog(Console.Error, isJournal));
            return (await daemon.RunAsync(cancel).ConfigureAwait(false)).Fault;
        }));
        return agent;
    }
}
