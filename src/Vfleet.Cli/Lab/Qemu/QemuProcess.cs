using System.Diagnostics;
using System.Globalization;
using Vfleet.Cli.Lab.Image;
using Vfleet.Linux;
using Vfleet.Linux.Real;

namespace Vfleet.Cli.Lab.Qemu;

/// <summary>The lab's QEMU: started in the background, found again by the process id it recorded, ended by that alone.</summary>
internal sealed class QemuProcess
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly string _pidFile;
    private readonly TimeProvider _time;

    private QemuProcess(int pid, string pidFile, TimeProvider time)
    {
        Pid = pid;
        _pidFile = pidFile;
        _time = time;
    }

    internal int Pid { get; }

    /// <summary>True while the process lives and is ours: its command line names our pid file.</summary>
    internal bool IsAlive => IsOurs(Pid, _pidFile);

    /// <summary>The QEMU whose process id is recorded, or null where it has ended.</summary>
    internal static QemuProcess? Find(string pidFile, TimeProvider time) =>
        ReadPid(pidFile) is { } pid && IsOurs(pid, pidFile) ? new QemuProcess(pid, pidFile, time) : null;

    /// <summary>
    /// Starts QEMU detached from us: start-stop-daemon(8) closes every descriptor we may have inherited, so that a pipe our
    /// caller reads from ends when we end.
    /// </summary>
    internal static async Task<QemuProcess> StartAsync(
        IReadOnlyList<string> arguments, string pidFile, string log, TimeSpan deadline, TimeProvider time, CancellationToken cancellation)
    {
        string program = Programs.Find(HostTools.Qemu) ?? throw LabException.Internal($"{HostTools.Qemu} is not installed");
        string launch = $"{pidFile}.launch";
        File.Delete(pidFile);
        File.Delete(launch);
        string[] own =
            ["--start", "--background", "--make-pidfile", "--pidfile", launch, "--output", log, "--chdir", "/", "--umask", "077", "--startas", program, "--"];
        await Programs.RequireAsync("start-stop-daemon", [.. own, .. arguments], "cannot start QEMU in the background", cancellation);
        long start = time.GetTimestamp();
        try
        {
            while (true)
            {
                if (Find(pidFile, time) is { } qemu)
                    return qemu;
                if (ReadPid(launch) is { } pid && HasEnded(pid))
                    throw LabException.Internal("QEMU ended at once", LogTail.Read(log, 5));
                if (time.GetElapsedTime(start) > deadline)
                    throw LabException.Internal("QEMU did not come up", LogTail.Read(log, 5));
                await Task.Delay(Poll, time, cancellation);
            }
        }
        catch
        {
            if (ReadPid(launch) is { } pid && IsOurs(pid, pidFile))
                new QemuProcess(pid, pidFile, time).Kill();
            throw;
        }
        finally
        {
            File.Delete(launch);
        }
    }

    /// <summary>Waits until the process has ended; false where it has not by then.</summary>
    internal async Task<bool> WaitForExitAsync(TimeSpan deadline, CancellationToken cancellation)
    {
        long start = _time.GetTimestamp();
        while (IsAlive)
        {
            if (_time.GetElapsedTime(start) > deadline)
                return false;
            await Task.Delay(Poll, _time, cancellation);
        }

        return true;
    }

    /// <summary>Equivalent to <c>kill -KILL PID</c>.</summary>
    internal void Kill()
    {
        if (!IsAlive)
            return;
        try
        {
            using Process process = Process.GetProcessById(Pid);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It ended between the two looks.
        }
    }

    private static int? ReadPid(string file)
    {
        try
        {
            return int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static bool IsOurs(int pid, string pidFile)
    {
        string[] arguments = CommandLine(pid).Split('\0');
        int at = Array.IndexOf(arguments, "-pidfile");
        return at >= 0 && at + 1 < arguments.Length && arguments[at + 1] == pidFile;
    }

    /// <summary>
    /// True where the process is gone, or dead and not yet noticed by its parent. Its command line does not tell: between
    /// two programs, in the middle of execve, it is empty too.
    /// </summary>
    private static bool HasEnded(int pid) => ProcessIdentity.Read(new LinuxKernel().Files, pid) is { Succeeded: true, Value: null };

    /// <summary>Empty where the process has ended, even if its parent has not noticed yet, and in the middle of execve.</summary>
    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
