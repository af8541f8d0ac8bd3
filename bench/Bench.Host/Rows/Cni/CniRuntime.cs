using System.Diagnostics;
using System.Globalization;
using Vfleet.Bench.Measurement;

namespace Vfleet.Bench.Rows.Cni;

/// <summary>Calls a CNI plugin as a container runtime does: a process, variables, a configuration on standard input.</summary>
/// <param name="plugin">The plugin's file.</param>
/// <param name="folder">Where host-local keeps its addresses.</param>
internal sealed class CniRuntime(string plugin, string folder)
{
    private const string Plugins = "/usr/lib/cni";

    /// <summary>How long a call took from start to exit.</summary>
    public Task<double> TimeAsync(string command, string device, string space, string container) =>
        Clock.TimeAsync(() => Child.RunAsync(Start(plugin, command, space, container), Config(device)));

    /// <summary>How much memory a call had at most, bytes; <c>peak-memory</c> starts it and tells.</summary>
    public async Task<long> PeakAsync(string measure, string command, string device, string space, string container)
    {
        ProcessStartInfo start = Start(measure, command, space, container);
        start.ArgumentList.Add(plugin);
        return 1024 * long.Parse(await Child.RunAsync(start, Config(device)).ConfigureAwait(false), CultureInfo.InvariantCulture);
    }

    /// <summary>The same for the address plugin alone.</summary>
    public Task<double> TimeIpamAsync(string command, string device, string space, string container) =>
        Clock.TimeAsync(() => Child.RunAsync(Start(Path.Combine(Plugins, "host-local"), command, space, container), Config(device)));

    private static ProcessStartInfo Start(string program, string command, string space, string container)
    {
        ProcessStartInfo start = new(program);
        start.Environment["CNI_COMMAND"] = command;
        start.Environment["CNI_CONTAINERID"] = container;
        start.Environment["CNI_NETNS"] = $"/run/netns/{space}";
        start.Environment["CNI_IFNAME"] = "net1";
        start.Environment["CNI_PATH"] = Plugins;
        return start;
    }

    private string Config(string device) => $$"""
        {"cniVersion": "1.0.0", "name": "bench", "type": "sriov", "deviceID": "{{device}}", "vlan": 100, "vlanQoS": 3, "trust": "on", "stateDir": "{{folder}}",
         "runtimeConfig": {"mac": "02:00:00:00:0b:{{device[^3]}}{{device[^1]}}"},
         "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.56.217.0/24", "gateway": "10.56.217.1"}]], "dataDir": "{{folder}}/addresses"} }
        """;
}
