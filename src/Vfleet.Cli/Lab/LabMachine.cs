using System.Text;
using Vfleet.Cli.Lab.Image;
using Vfleet.Cli.Lab.Qemu;
using Vfleet.Cli.Lab.Run;
using Vfleet.Cli.Lab.Wire;
using Vfleet.Linux;

namespace Vfleet.Cli.Lab;

/// <summary>
/// The lab: a virtual machine with SR-IOV devices whose root is this machine's own files, read-only. The one class that
/// commands and tests use; every failure is a <see cref="LabException"/>.
/// </summary>
internal sealed class LabMachine(LabPaths paths, IProgress<string> progress, TimeProvider time)
{
    /// <summary>A boot takes some ten seconds in emulation; a machine that compiles at the same time needs more.</summary>
    internal static readonly TimeSpan DefaultBootDeadline = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan LockDeadline = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan OneGreeting = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ChannelDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TimeToVanish = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan QuitPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PowerOffPatience = TimeSpan.FromSeconds(30);

    internal LabPaths Paths => paths;

    /// <summary>The lab of this user and environment, with progress lines on standard error.</summary>
    internal static LabMachine OfThisProcess(IProgress<string> progress) => new(LabPaths.OfThisProcess(), progress, TimeProvider.System);

    /// <summary>Starts the lab and returns when commands can run; at once where it is up already.</summary>
    internal async Task<LabStatus> UpAsync(TimeSpan bootDeadline, CancellationToken cancellation)
    {
        await using FileStream held = await LockAsync(cancellation);
        if (QemuProcess.Find(paths.PidFile, time) is { } running)
        {
            progress.Report("the lab is already up");
            await WaitForAgentAsync(running, bootDeadline, cancellation);
            return await StatusAsync(cancellation);
        }

        string scratch = ScratchDisk.PathFor(paths);
        RemoveRuntimeFiles();
        LabImage image = await ImageAsync(cancellation);
        try
        {
            await ScratchDisk.CreateAsync(scratch, cancellation);
            await BootAsync(image, scratch, bootDeadline, cancellation);
        }
        catch
        {
            File.Delete(scratch);
            throw;
        }

        return await StatusAsync(cancellation);
    }

    /// <summary>Ends the lab and removes its scratch disk; false where there was none.</summary>
    internal async Task<bool> DownAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(paths.Runtime))
            return false;
        await using FileStream held = await LockAsync(cancellation);
        bool wasThere = QemuProcess.Find(paths.PidFile, time) is not null;
        await EndAsync(cancellation);
        RemoveRuntimeFiles();
        File.Delete(ScratchDisk.PathFor(paths));
        return wasThere;
    }

    /// <summary>Ends the guest with its disk written, and boots it again on the same disk.</summary>
    internal async Task<LabStatus> RebootAsync(TimeSpan bootDeadline, CancellationToken cancellation)
    {
        if (!Directory.Exists(paths.Runtime))
            throw LabException.NotRunning();
        await using FileStream held = await LockAsync(cancellation);
        string scratch = ScratchDisk.PathFor(paths);
        if (LabState.Read(paths.StateFile) is null || !File.Exists(scratch))
            throw LabException.NotRunning();
        if (QemuProcess.Find(paths.PidFile, time) is { } running)
        {
            progress.Report("powering the guest off");
            await TryPowerOffAsync(running, cancellation);
        }

        await EndAsync(cancellation);
        RemoveRuntimeFiles(withShare: false);
        await BootAsync(await ImageAsync(cancellation), scratch, bootDeadline, cancellation);
        return await StatusAsync(cancellation);
    }

    /// <summary>Runs a command in the guest and returns its exit code.</summary>
    internal async Task<int> RunAsync(LabRun run, CancellationToken cancellation)
    {
        QemuProcess qemu = QemuProcess.Find(paths.PidFile, time) ?? throw NotRunningOrCrashed();
        await using LabChannel channel = await LabChannel.OpenAsync(paths, OneGreeting, ChannelDeadline, time, cancellation);
        using Conversation conversation = new(channel.Frames, run);
        try
        {
            return await conversation.RunAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or LabException { Fault.Kind: FaultKind.Internal })
        {
            // A dying QEMU closes its sockets a moment before it is gone.
            if (await qemu.WaitForExitAsync(TimeToVanish, CancellationToken.None))
                throw Crashed("the lab ended while the command was running", e);
            throw;
        }
    }

    /// <summary>Runs a command in the guest without input and returns what it said; for tests and <c>vfleet up</c>.</summary>
    internal async Task<LabOutput> CaptureAsync(IReadOnlyList<string> argv, CancellationToken cancellation)
    {
        using MemoryStream stdout = new();
        using MemoryStream stderr = new();
        int exitCode = await RunAsync(new LabRun(argv) { Stdout = stdout, Stderr = stderr }, cancellation);
        return new LabOutput(exitCode, Encoding.UTF8.GetString(stdout.ToArray()), Encoding.UTF8.GetString(stderr.ToArray()));
    }

    /// <summary>Looks; changes nothing.</summary>
    internal async Task<LabStatus> StatusAsync(CancellationToken cancellation)
    {
        LabState? state = LabState.Read(paths.StateFile);
        if (QemuProcess.Find(paths.PidFile, time) is not { } qemu)
            return new LabStatus(state is null ? LabCondition.Stopped : LabCondition.Crashed, paths) { State = state };
        LabCondition condition = await AnswersAsync(cancellation) ? LabCondition.Running : LabCondition.Silent;
        return new LabStatus(condition, paths) { Pid = qemu.Pid, State = state, Uptime = time.GetUtcNow() - state?.StartedAt };
    }

    private async Task<LabImage> ImageAsync(CancellationToken cancellation) =>
        await new ImageStore(paths.Cache, Environment.IsPrivilegedProcess, progress, time).EnsureAsync(cancellation);

    /// <summary>Keeps an `up` and a `down` from working on what is in the lab at once; waits for the other.</summary>
    internal async Task<FileStream> LockSceneAsync(CancellationToken cancellation)
    {
        LabPaths.CreatePrivate(paths.Runtime);
        return await FileLock.TakeAsync(paths.SceneLock, LockDeadline, "the scene in the lab", progress, time, cancellation);
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellation)
    {
        LabPaths.CreatePrivate(paths.Runtime);
        return await FileLock.TakeAsync(paths.LockFile, LockDeadline, "the lab", progress, time, cancellation);
    }

    private async Task BootAsync(LabImage image, string scratch, TimeSpan deadline, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        string version = await HostTools.QemuVersionAsync(cancellation) ?? throw LabException.Internal("no QEMU");
        Accelerator accelerator = await new AcceleratorProbe(paths.Cache, time).ChooseAsync(image, version, progress, cancellation);
        LabPaths.CreatePrivate(paths.Share);
        AgentProgram agent = AgentProgram.OfThisProcess();
        agent.CopyTo(paths.Agent);
        BootSettings boot = new(image.Modules, paths.Agent, agent.Runner, agent.Entry, paths.Share);
        progress.Report($"booting Linux {image.Kernel.Release} on QEMU {version} ({Name(accelerator)})");
        QemuProcess qemu = await QemuProcess.StartAsync(
            QemuArguments.ForLab(paths, image, boot, scratch, accelerator), paths.PidFile, paths.QemuLog, deadline, time, cancellation);
        try
        {
            LabState state = new(Name(accelerator), image.Kernel.Release, version, scratch, time.GetUtcNow());
            await state.WriteAsync(paths.StateFile, cancellation);
            await WaitForAgentAsync(qemu, deadline - time.GetElapsedTime(start), cancellation);
        }
        catch
        {
            qemu.Kill();
            await qemu.WaitForExitAsync(QuitPatience, CancellationToken.None);
            RemoveRuntimeFiles();
            throw;
        }

        progress.Report(FormattableString.Invariant($"the lab is up after {time.GetElapsedTime(start).TotalSeconds:0.0} s"));
    }

    /// <summary>Waits for the agent's greeting, for the end of QEMU, or for the deadline.</summary>
    private async Task WaitForAgentAsync(QemuProcess qemu, TimeSpan deadline, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<LabChannel> ready = LabChannel.OpenAsync(paths, deadline, deadline, time, stop.Token);
        Task<bool> ended = qemu.WaitForExitAsync(deadline, stop.Token);
        try
        {
            await Task.WhenAny(ready, ended);
            cancellation.ThrowIfCancellationRequested();
            if (!qemu.IsAlive)
                throw Crashed("the lab's guest ended while booting", null);
            if (!ready.IsCompletedSuccessfully)
            {
                throw new LabException(Fault.TimedOut(
                    FormattableString.Invariant($"the lab's guest was not up after {deadline.TotalSeconds:0} s"))) { Log = ConsoleEnd() };
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(ready, Task.Delay(OneGreeting, time, CancellationToken.None));
            if (ready.IsCompletedSuccessfully)
                await ready.Result.DisposeAsync();
            _ = Task.WhenAll(ready, ended).ContinueWith(static task => task.Exception, TaskScheduler.Default);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            await using LabChannel channel = await LabChannel.OpenAsync(paths, StatusPatience, TimeSpan.Zero, time, cancellation);
            return true;
        }
        catch (LabException e) when (e.Fault.Kind == FaultKind.TimedOut)
        {
            // Nobody answers, which is what was asked.
            return false;
        }
    }

    private async Task TryPowerOffAsync(QemuProcess qemu, CancellationToken cancellation)
    {
        try
        {
            await using LabChannel channel = await LabChannel.OpenAsync(paths, OneGreeting, OneGreeting, time, cancellation);
            await channel.Frames.WriteAsync(new Frame(FrameType.PowerOff, default), cancellation);
            await qemu.WaitForExitAsync(PowerOffPatience, cancellation);
        }
        catch (Exception e) when (e is IOException or LabException)
        {
            progress.Report("the guest does not listen; ending it as it is");
        }
    }

    /// <summary>Asks QEMU to quit, and kills it where it does not.</summary>
    private async Task EndAsync(CancellationToken cancellation)
    {
        if (QemuProcess.Find(paths.PidFile, time) is not { } qemu)
            return;
        await Qmp.QuitAsync(paths.ControlSocket, QuitPatience, cancellation);
        if (await qemu.WaitForExitAsync(QuitPatience, cancellation))
            return;
        qemu.Kill();
        if (!await qemu.WaitForExitAsync(QuitPatience, cancellation))
            throw LabException.Internal($"QEMU (process {qemu.Pid}) cannot be ended");
    }

    /// <summary>Everything but the locks: a lock whose file is gone keeps nobody out. What people put into the shared directory outlives a reboot.</summary>
    private void RemoveRuntimeFiles(bool withShare = true)
    {
        foreach (string directory in Directory.GetDirectories(paths.Runtime).Where(directory => withShare || directory != paths.Share))
            Directory.Delete(directory, recursive: true);
        foreach (string file in Directory.GetFiles(paths.Runtime).Where(file => file != paths.LockFile && file != paths.SceneLock))
            File.Delete(file);
    }

    private LabException NotRunningOrCrashed() =>
        LabState.Read(paths.StateFile) is null ? LabException.NotRunning() : Crashed("the lab's guest has ended", null);

    private LabException Crashed(string error, Exception? inner)
    {
        Fault fault = new(FaultKind.Internal, error) { Remedy = "its console's last lines are above; `vfleet lab up` starts it anew" };
        return new LabException(fault, inner) { Log = ConsoleEnd() };
    }

    private string ConsoleEnd() => LogTail.Obituary(paths.ConsoleLog);

    private static string Name(Accelerator accelerator) => accelerator == Accelerator.Kvm ? "kvm" : "tcg";
}
