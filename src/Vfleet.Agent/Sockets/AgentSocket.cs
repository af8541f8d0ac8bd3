using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Vfleet.Linux.Real;
using Vfleet.Linux.Sockets;

namespace Vfleet.Agent.Sockets;

/// <summary>The agent's socket: who may connect follows from its mode, what they may do from <see cref="AccessRule"/>.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
public static class AgentSocket
{
    /// <summary>Where it is on a machine.</summary>
    public const string DefaultPath = "/run/vfleet/agent.sock";

    private const string DefaultOption = "--socket";
    private const int LongestPath = 107;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Folder = Owner | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Makes the directory, mode 755; one that exists keeps its mode.</summary>
    /// <param name="path">The path.</param>
    /// <param name="option">The option that gives another one.</param>
    /// <returns>Usage for a path that no socket can have.</returns>
    public static Outcome<string> Prepare(string path, string option = DefaultOption)
    {
        string full = path.Length == 0 ? "" : Path.GetFullPath(path);
        if (path.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(full) > LongestPath)
            return Fault.Usage($"\"{path}\" is no path of a socket", $"it has 1 to {LongestPath} bytes (unix(7))", path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!, Folder);
            return full;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CannotMake(full, option, e);
        }
    }

    /// <summary>Binds the socket; nobody can connect before its mode and group are set, for the server listens later.</summary>
    /// <param name="path">The path, prepared. The caller has the lock of this socket, so what lies there is of a dead agent, or somebody
    /// else's.</param>
    /// <param name="group">The group that may read; null where there is none.</param>
    /// <param name="option">The option that gives another path.</param>
    /// <returns>Refused where another program listens there, or something else than a socket is.</returns>
    public static Outcome<Socket> Bind(string path, uint? group, string option = DefaultOption)
    {
        if (RemoveStale(path, option) is { } refused)
            return refused;
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, Owner);
            if (group is { } readers)
            {
                if (UnixGroup.Give(path, readers).Fault is { } notGiven)
                {
                    socket.Dispose();
                    return notGiven;
                }
                File.SetUnixFileMode(path, Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
            }
            return socket;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            return CannotMake(path, option, e);
        }
    }

    private static Fault? RemoveStale(string path, string option)
    {
        if (!Path.Exists(path))
            return null;
        try
        {
            using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return Fault.Refused($"another program listens on {path}", "it answers, and is no agent of this vfleet",
                $"end it, or give another path with {option}", path);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
            return null;
        }
        catch (SocketException)
        {
            return NoSocket(path, option);
        }
    }

    /// <summary>What is no socket refuses connections as well (unix(7)), but only a socket says ENXIO to whoever opens it
    /// (open(2)).</summary>
    private static bool IsSocket(string path) => new LinuxKernel().Files.ReadText(path).Fault?.Errno == Errno.ENXIO;

    private static Fault NoSocket(string path, string option) =>
        Fault.Refused($"{path} is no socket", "something else lies there, and it is not removed",
            $"move it away, or give another path with {option}", path);

    private static Fault CannotMake(string path, string option, Exception e) =>
        new(e is UnauthorizedAccessException or SocketException { SocketErrorCode: SocketError.AccessDenied } ? FaultKind.NotPermitted
            : FaultKind.Kernel,
            $"the agent's socket {path} cannot be made")
        {
            Cause = e.Message,
            Target = path,
            Remedy = $"run as root, or give another path with {option}",
        };
}
