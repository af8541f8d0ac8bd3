namespace Vfleet.Cli.Lab.Guest;

/// <summary>
/// The guest's side of <c>vfleet lab run</c>: serves one command at a time on each virtio-serial port until the guest is
/// told to power off. Started by lab/init as <c>vfleet lab guest-agent</c>.
/// </summary>
internal sealed class GuestAgent(string portsDirectory, string readyFile, string powerOffFile)
{
    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(50);

    /// <summary>The agent with the paths that lab/init uses.</summary>
    internal static GuestAgent ForGuest() => new("/dev/virtio-ports", "/run/vfleet/ready", "/run/vfleet/poweroff");

    /// <summary>Serves until told to power off.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        // Every busy port blocks threads in the kernel; the pool would add them one per half second.
        ThreadPool.SetMinThreads(64, 64);
        while (!File.Exists(readyFile))
            await Task.Delay(ReadyPoll, cancellation);

        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        string[] ports = Directory.GetFiles(portsDirectory, "vfleet.*");
        if (ports.Length == 0)
            throw new InvalidOperationException($"no channel in {portsDirectory}");
        foreach (string path in ports)
            StartServing(path, stop);
        Console.Out.WriteLine($"vfleet-lab: agent serves {ports.Length} channels");
        try
        {
            await Task.Delay(Timeout.Infinite, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // That is how the wait ends: powered off, or asked to stop.
        }
    }

    private void StartServing(string path, CancellationTokenSource stop)
    {
        Thread thread = new(() => Serve(path, stop)) { IsBackground = true, Name = Path.GetFileName(path) };
        thread.Start();
    }

    private void Serve(string path, CancellationTokenSource stop)
    {
        using GuestPort port = new(path);
        new PortServer(port, () => PowerOff(stop)).Serve(stop.Token);
    }

    private void PowerOff(CancellationTokenSource stop)
    {
        File.WriteAllText(powerOffFile, "");
        stop.Cancel();
    }
}
