using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Vfleet.Linux;
using Vfleet.Linux.Real;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Run;

/// <summary>A DHCP client of the machine that gets an interface of a namespace its address, and keeps it as long as it runs.</summary>
internal sealed class DhcpClient : IAsyncDisposable
{
    private static readonly string[] Known = ["udhcpc", "busybox", "dhclient"];
    private const string Remedy = "look whether a DHCP server answers on its VLAN";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30), Farewell = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private readonly Process _process;
    private readonly MemoryProgram _script;
    private string _lastWords = "";

    private DhcpClient(Process process, MemoryProgram script)
    {
        _process = process;
        _script = script;
        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The client that is installed.</summary>
    /// <returns>Refused where none is.</returns>
    public static Outcome<string> Find()
    {
        if (!ProgramSearch.IsThere("ip"))
            return Fault.Refused("--dhcp needs the program ip, and it is not in PATH", null, "install iproute2");
        return Known.FirstOrDefault(ProgramSearch.IsThere) is { } there
            ? there
            : Fault.Refused("--dhcp needs a DHCP client, and none is in PATH", $"looked for {string.Join(", ", Known)}",
                "install udhcpc, busybox or isc-dhcp-client, or give --address");
    }

    /// <summary>Starts a client, and waits until the interface has an address.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="space">Where the interface is.</param>
    /// <param name="name">One that <see cref="Find"/> told.</param>
    /// <param name="interfaceName">The interface.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>TimedOut or Kernel where it gets none; then no client runs any more.</returns>
    public static async Task<Outcome<DhcpClient>> StartAsync(
        IKernel kernel, IPrivateNamespace space, string name, string interfaceName, CancellationToken cancel)
    {
        if (!Script().Try(out MemoryProgram? script, out Fault? fault))
            return fault;
        ProcessStartInfo start = ChildStart.Of(Words(name, interfaceName, script.Path));
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        if (!space.Start(start).Try(out Process? process, out fault))
        {
            script.Dispose();
            return fault;
        }
        DhcpClient client = new(process, script);
        try
        {
            process.StandardInput.Close();
            fault = await client.AddressAsync(kernel, space, interfaceName, cancel).ConfigureAwait(false);
            if (fault is null)
                return client;
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C: nobody else knows the client yet.
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        await client.DisposeAsync().ConfigureAwait(false);
        return fault;
    }

    /// <summary>Waits until it ends although nobody asked it to.</summary>
    /// <returns>What that means, and what it said last.</returns>
    public async Task<string> EndedAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        string said = _lastWords.Length > 0 ? _lastWords : "it said nothing";
        return $"the DHCP client ended with {_process.ExitCode}, so the address is not renewed any more: {said}";
    }

    public async ValueTask DisposeAsync()
    {
        // Asked to end, it gives the address back. One that ended has given its number away.
        if (!_process.HasExited)
            _ = ProcessSignal.Send(_process.Id, PosixSignal.SIGTERM);
        using CancellationTokenSource late = new(Farewell);
        try
        {
            await _process.WaitForExitAsync(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It does not go by itself.
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
        _script.Dispose();
    }

    /// <summary>Waits for an address.</summary>
    private async Task<Fault?> AddressAsync(IKernel kernel, IPrivateNamespace space, string interfaceName, CancellationToken cancel)
    {
        if (!kernel.OpenNamespace(space.Path).Try(out NetworkNamespace? opened, out Fault? fault))
            return fault;
        using (opened)
        {
            if (!RouteClient.Open(kernel, opened).Try(out RouteClient? route, out fault))
                return fault;
            using (route)
            {
                for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < Deadline;)
                {
                    Outcome<List<AddressInfo>> listed = await route.ListAddressesAsync(cancel).ConfigureAwait(false);
                    Outcome<LinkInfo> link = await route.GetLinkAsync(interfaceName, cancel: cancel).ConfigureAwait(false);
                    if (!listed.Try(out List<AddressInfo>? addresses, out fault) || !link.Try(out LinkInfo? its, out fault))
                        return fault;
                    if (addresses.Exists(each => each.InterfaceIndex == its.Index
                        && each.Address.Address.AddressFamily == AddressFamily.InterNetwork))
                        return null;
                    if (_process.HasExited)
                        return Fault.Unsupported($"{interfaceName} got no address by DHCP", _lastWords, Remedy, interfaceName);
                    await Task.Delay(Poll, cancel).ConfigureAwait(false);
                }
            }
        }
        string error = $"{interfaceName} got no address by DHCP within {Deadline.TotalSeconds:0} s";
        return Fault.TimedOut(error, _lastWords, Remedy, interfaceName);
    }

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        if (!string.IsNullOrWhiteSpace(line.Data))
            _lastWords = line.Data.Trim();
    }

    private static string[] Words(string name, string interfaceName, string script) => name switch
    {
        "dhclient" => [name, "-4", "-d", "-1", "--no-pid", "-lf", "/dev/null", "-sf", script, interfaceName],
        "busybox" => [name, .. Words("udhcpc", interfaceName, script)],
        _ => [name, "-f", "-n", "-R", "-i", interfaceName, "-s", script],
    };

    private static Outcome<MemoryProgram> Script()
    {
        using Stream from = typeof(DhcpClient).Assembly.GetManifestResourceStream("run/dhcp.sh")!;
        using MemoryStream text = new();
        from.CopyTo(text);
        return MemoryProgram.Create("vfleet-dhcp", text.ToArray());
    }
}
