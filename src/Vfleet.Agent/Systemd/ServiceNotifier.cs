using System.Globalization;
using System.Net.Sockets;
using Vfleet.Agent.Log;

namespace Vfleet.Agent.Systemd;

/// <summary>What a service manager tells a service by its environment.</summary>
/// <param name="NotifySocket">NOTIFY_SOCKET: a path, or a name in the abstract namespace after an at sign.</param>
/// <param name="Watchdog">WATCHDOG_USEC, where it is meant for this process; null where nobody watches.</param>
public sealed record ServiceEnvironment(string? NotifySocket, TimeSpan? Watchdog)
{
    /// <summary>None: the agent was started by hand.</summary>
    public static readonly ServiceEnvironment None = new(null, null);

    /// <summary>Reads it. Source: sd_notify(3), sd_watchdog_enabled(3).</summary>
    /// <param name="variable">Reads a variable.</param>
    /// <param name="processId">This process.</param>
    public static ServiceEnvironment Read(Func<string, string?> variable, int processId)
    {
        bool isMeant = variable("WATCHDOG_PID") is not { Length: > 0 } pid || pid == processId.ToString(CultureInfo.InvariantCulture);
        TimeSpan? watchdog = isMeant
            && long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
            && microseconds is > 0 and < long.MaxValue / TimeSpan.TicksPerMicrosecond
                ? TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond)
                : null;
        return new ServiceEnvironment(variable("NOTIFY_SOCKET") is { Length: > 1 } path && (path[0] is '/' or '@') ? path : null, watchdog);
    }
}

/// <summary>
/// Tells the service manager how the agent is, by datagrams to its socket (sd_notify(3)). Without a manager nothing is sent. A message
/// that cannot
/// be sent is logged, once for each run of failures: the work goes on.
/// </summary>
/// <param name="environment">Whom to tell.</param>
/// <param name="time">Clock; its time stamps are CLOCK_MONOTONIC, as the manager's.</param>
/// <param name="log">Where failures are told.</param>
public sealed class ServiceNotifier(ServiceEnvironment environment, TimeProvider time, AgentLog log)
{
    private readonly Lock _lock = new();
    private bool _isFailing;

    /// <summary>How long the manager waits for a sign of life; null where it does not.</summary>
    public TimeSpan? Watchdog => environment.Watchdog;

    /// <summary>The agent serves.</summary>
    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>The agent reads its documents anew; <see cref="Ready"/> ends it.</summary>
    public void Reloading() =>
        Send(string.Create(CultureInfo.InvariantCulture,
            $"RELOADING=1\nMONOTONIC_USEC={(long)(time.GetTimestamp() * 1e6 / time.TimestampFrequency)}"));

    /// <summary>The agent ends.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>The agent lives and its passes succeed.</summary>
    public void Alive()
    {
        if (environment.Watchdog is not null)
            Send("WATCHDOG=1");
    }

    private void Send(string message)
    {
        if (environment.NotifySocket is not { } path)
            return;
        lock (_lock)
        {
            try
            {
                using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
                // A manager that does not read must not stop the agent.
                socket.Blocking = false;
                socket.SendTo(System.Text.Encoding.UTF8.GetBytes(message),
                    new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path));
                _isFailing = false;
            }
            catch (SocketException e)
            {
                if (!_isFailing)
                    log.Warn("service manager not told", ("message", message), ("cause", e.Message));
                _isFailing = true;
            }
        }
    }
}
