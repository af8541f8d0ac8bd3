using System.Diagnostics;
using Vfleet.Cli.Tests;

namespace Vfleet.Agent.Tests;

/// <summary>Agents as processes of their own, on simulated machines and one socket; they end with this.</summary>
internal sealed class AgentProcesses : IDisposable
{
    private readonly List<Process> _started = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("vfleet-agent-").FullName;

    public string SocketPath => Path.Combine(Folder, "run", "agent.sock");

    public void Add(Process process) => _started.Add(process);

    public (Process Process, LogLines Log) Start(params (string Name, string Value)[] environment)
    {
        Process agent = CommandProcess.Start([.. CommandProcess.Vfleet, "--host", "sim:igb", "agent", "--socket", SocketPath], environment);
        LogLines log = new();
        agent.ErrorDataReceived += (_, line) => log.WriteLine(line.Data);
        agent.BeginErrorReadLine();
        _started.Add(agent);
        return (agent, log);
    }

    public void Dispose()
    {
        foreach (Process process in _started)
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        Directory.Delete(Folder, recursive: true);
    }
}
