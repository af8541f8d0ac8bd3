using System.Globalization;
using System.Text;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Tests;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Reading;

namespace Vfleet.Telemetry.Tests;

/// <summary>A simulated machine whose metrics are read, and whose VFs send.</summary>
internal sealed class MeteredMachine : IDisposable
{
    public const string Host = "node7";

    private MeteredMachine(NodeMachine machine) => Machine = machine;

    public NodeMachine Machine { get; }

    public static async Task<MeteredMachine> CreateAsync(string profile = "igb", int vfs = 3, string? driver = null)
    {
        MeteredMachine machine = new(await NodeMachine.CreateAsync(profile, vfs, driver));
        _ = (await machine.Machine.Node.Census.TakeAsync()).Value;
        return machine;
    }

    public async Task<string> TextAsync(ExpositionFormat format = ExpositionFormat.PrometheusText) =>
        Encoding.UTF8.GetString(ExpositionWriter.Write(NodeMetrics.Of((await new TelemetryReader(Machine.Node, Host).ReadAsync()).Value),
            format));

    /// <summary>Samples of a metric as they are written.</summary>
    public async Task<string[]> SamplesAsync(string name) => SamplesOf(await TextAsync(), name);

    public static string[] SamplesOf(string text, string name) => [.. text.Split('\n')
        .Where(line => line.StartsWith(name + '{', StringComparison.Ordinal) || line.StartsWith(name + ' ', StringComparison.Ordinal))];

    /// <summary>The value of the one sample of a metric that has a label; null where there is none.</summary>
    public async Task<ulong?> ValueAsync(string name, string label)
    {
        string[] samples = [.. (await SamplesAsync(name)).Where(line => line.Contains(label, StringComparison.Ordinal))];
        Assert.True(samples.Length <= 1, string.Join('\n', samples));
        return samples.Length == 0 ? null : ulong.Parse(samples[0].Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    /// <summary>A VF sends broadcasts of 100 bytes from wherever it is.</summary>
    public async Task SendAsync(int index, int packets)
    {
        VirtualFunction vf = await Machine.ReadAsync(Machine.Vf(index));
        using NetworkNamespace? within = vf.NamespacePath is { } path ? Machine.Kernel.OpenNamespace(path).Value : null;
        using RouteClient route = RouteClient.Open(Machine.Kernel, within).Value;
        _ = (await route.ChangeLinkAsync(vf.Link!.Index, vf.Link.Name, new LinkChange { Up = true })).Value;
        using IPacketSocket socket = Machine.Kernel.OpenPacketSocket(vf.Link.Index, within).Value;
        byte[] frame = new byte[100];
        frame.AsSpan(0, 6).Fill(0xff);
        vf.Link.Mac!.Value.Write(frame.AsSpan(6));
        frame[12] = 0x88;
        frame[13] = 0xb5;
        for (int i = 0; i < packets; i++)
            _ = (await socket.SendAsync(frame, CancellationToken.None)).Value;
    }

    public void Dispose() => Machine.Dispose();
}
