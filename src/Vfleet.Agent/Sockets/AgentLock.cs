using System.Globalization;
using System.Text;
using Vfleet.Host.State;
using Vfleet.Linux.Real;

namespace Vfleet.Agent.Sockets;

/// <summary>
/// Keeps a second agent off a ledger and off a socket: flock(2) on a file that says who has it. The kernel gives the lock back when its
/// process
/// ends, however it ends.
/// </summary>
public sealed class AgentLock : IDisposable
{
    private readonly FileStream _file;

    private AgentLock(FileStream file) => _file = file;

    /// <summary>Takes a lock.</summary>
    /// <param name="path">The lock's file; its directory is made, mode 700, where there is none.</param>
    /// <param name="who">What a second agent is told, one line.</param>
    /// <returns>Refused while another agent has it, with what that one said of itself.</returns>
    public static Outcome<AgentLock> Take(string path, string who)
    {
        try
        {
            StateFolder.Make(Path.GetDirectoryName(path)!);
            FileStream file = StateFolder.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(Encoding.UTF8.GetBytes(who));
            file.Flush();
            return new AgentLock(file);
        }
        catch (UnauthorizedAccessException e)
        {
            return new Fault(FaultKind.NotPermitted, $"the agent's lock {path} cannot be taken") { Cause = e.Message, Target = path,
                Remedy = "run as root" };
        }
        catch (IOException e)
        {
            // "Used by another process" has no type of its own; who holds it has written so.
            return Holder(path) is { Length: > 0 } holder
                ? Fault.Refused("another agent runs on this machine", holder, "there is one for each machine; see `vfleet status`", path)
                : new Fault(FaultKind.Kernel, $"the agent's lock {path} cannot be taken") { Cause = e.Message, Target = path };
        }
    }

    /// <summary>What an agent says of itself.</summary>
    public static string Who(int processId, string socket, DateTimeOffset since) =>
        string.Create(CultureInfo.InvariantCulture, $"process {processId}, socket {socket}, since {since:yyyy-MM-dd HH:mm:ss}Z");

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>The runtime would lock a file that it reads, and be refused like the second agent itself; a bare read(2) is not.</summary>
    private static string? Holder(string path) => new LinuxKernel().Files.ReadText(path).Or(null);
}
