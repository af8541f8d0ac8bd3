using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;
using Vfleet.Simulation;

namespace Vfleet.Cni.Tests;

/// <summary>What a call of the plugin gave.</summary>
internal sealed record CniAnswer(int Exit, string Output, string Log)
{
    public JsonNode Json => JsonNode.Parse(Output)!;

    public int Code => Json["code"]!.GetValue<int>();

    public string Message => $"{Json["msg"]} {Json["details"]}";
}

/// <summary>
/// A simulated machine with VFs, namespaces <c>blue</c> and <c>green</c>, and a folder of address plugins, which are real programs.
/// </summary>
internal sealed class CniMachine : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("vfleet-cni-");
    private readonly ConcurrentDictionary<string, JsonNode> _results = new(StringComparer.Ordinal);
    private int _pid = 500;

    private CniMachine(SimulatedKernel kernel)
    {
        Kernel = kernel;
        Seen = kernel;
        Plugins = Path.Combine(_state.FullName, "plugins");
        State = Path.Combine(_state.FullName, "state");
        _ = Directory.CreateDirectory(Plugins);
        Options = new CniOptions { IpamDeadline = TimeSpan.FromSeconds(20), OldCache = Path.Combine(_state.FullName, "old") };
    }

    public SimulatedKernel Kernel { get; }

    /// <summary>The kernel as the plugin sees it.</summary>
    public IKernel Seen { get; set; }

    public string Plugins { get; }

    public string State { get; }

    public string Pf { get; private set; } = "";

    /// <summary>The PCI address of the PF.</summary>
    public PciAddress PfAddress { get; private set; }

    public CniOptions Options { get; set; }

    public static async Task<CniMachine> CreateAsync(string profile = "igb", int vfs = 3, string? driver = null)
    {
        CniMachine machine = new(SimulationProfiles.Create(profile, new SimulationOptions { LinksUp = true }).Value);
        SriovHost host = new(machine.Kernel, new HostOptions { StateDirectory = machine.State });
        PhysicalFunction pf = (await host.Inventory.ListPfsAsync()).Value[0];
        (machine.Pf, machine.PfAddress) = (pf.Label, pf.Address!.Value);
        CreatePlan plan = (await host.Creator.PlanAsync(machine.Pf, vfs, driver, force: false)).Value;
        _ = (await host.Creator.ApplyAsync(plan, force: false)).Value;
        foreach (string name in (string[])["blue", "green"])
            machine.Kernel.CreateNamespace(name).Value.Dispose();
        return machine;
    }

    /// <summary>The PCI address of a VF.</summary>
    public async Task<string> VfAsync(int index) => (await ReadAsync($"{Pf}/{index}")).Label;

    /// <summary>A VF as it is now.</summary>
    public async Task<VirtualFunction> ReadAsync(string vf)
    {
        using LocalNode node = Node();
        return (await node.Host.FindVfAsync(vf)).Value.Vf;
    }

    /// <summary>All VFs and links of the host, as text: equal before and after what must leave nothing behind.</summary>
    public async Task<string> PictureAsync()
    {
        using LocalNode node = Node();
        StringBuilder picture = new();
        foreach (VirtualFunction vf in (await node.Host.Inventory.ReadAsync(null, VfDetail.Settings)).Value.Vfs)
            picture.AppendLine($"{vf.Label} {vf.Driver} {vf.NamespacePath} {vf.Link?.Name} {vf.Settings}");
        using (RouteClient host = RouteClient.Open(Kernel).Value)
            await DescribeAsync(picture, "host", host);
        foreach (string space in (string[])["blue", "green"])
        {
            using NetworkNamespace? within = Kernel.OpenNamespace($"/run/netns/{space}").Or(null);
            using RouteClient? route = within is null ? null : RouteClient.Open(Kernel, within).Value;
            if (route is not null)
                await DescribeAsync(picture, space, route);
        }
        IReadOnlyList<LedgerVf> rows = node.Ledger.Read(view => view.Vfs()).Value;
        foreach (LedgerVf row in rows.Where(row => row.State != VfState.Free || row.Record is not null))
            picture.AppendLine($"{row.Vf} is {row.State} {row.Record}");
        foreach (LedgerAllocation open in node.Ledger.Read(view => view.OpenAllocations()).Value)
            picture.AppendLine($"{open.Id} of {open.Owner.Name} is open");
        return picture.ToString();
    }

    private static async Task DescribeAsync(StringBuilder picture, string space, RouteClient route)
    {
        List<LinkInfo> links = (await route.ListLinksAsync()).Value;
        foreach (LinkInfo link in links.OrderBy(link => link.Name, StringComparer.Ordinal))
        {
            string names = string.Join(',', [link.Name, .. link.AlternativeNames]);
            picture.AppendLine($"{space}: {names} {link.Kind} {link.Mac} {link.Mtu} {link.Flags:x}");
        }
        foreach (AddressInfo address in (await route.ListAddressesAsync()).Value)
            picture.AppendLine($"{space}: {links.Find(link => link.Index == address.InterfaceIndex)?.Name} {address.Address}");
    }

    public async Task<IReadOnlyList<LinkInfo>> LinksInAsync(string space)
    {
        if (!Kernel.OpenNamespace($"/run/netns/{space}").Try(out NetworkNamespace? within, out _))
            return [];
        using (within)
        using (RouteClient route = RouteClient.Open(Kernel, within).Value)
            return (await route.ListLinksAsync()).Value;
    }

    /// <summary>Changes an interface in a namespace, as its owner or somebody there does.</summary>
    public async Task ChangeInAsync(string space, string name, LinkChange change)
    {
        using NetworkNamespace within = Kernel.OpenNamespace($"/run/netns/{space}").Value;
        using RouteClient route = RouteClient.Open(Kernel, within).Value;
        LinkInfo link = (await route.GetLinkAsync(name)).Value;
        _ = (await route.ChangeLinkAsync(link.Index, name, change)).Value;
    }

    public async Task<IReadOnlyList<string>> AddressesInAsync(string space)
    {
        using NetworkNamespace within = Kernel.OpenNamespace($"/run/netns/{space}").Value;
        using RouteClient route = RouteClient.Open(Kernel, within).Value;
        return [.. (await route.ListAddressesAsync()).Value
            .Where(each => !each.IsLinkLocal && each.Scope != 254).Select(each => each.Address.ToString())];
    }

    /// <summary>What the ledger knows of a VF's owners, oldest first.</summary>
    public IReadOnlyList<HistoryRow> History(string vf)
    {
        using LocalNode node = Node();
        return [.. node.Ledger.Read(view => view.History(0)).Value.Where(row => row.Vf == vf && row.Allocation is not null)];
    }

    public LocalNode Node()
    {
        int pid = Interlocked.Increment(ref _pid);
        Kernel.Machine.AddProcess(pid);
        Actor actor = new("cli", "root", OwnerIdentity.OfProcess(Kernel, pid, "vfleet").Value);
        return LocalNode.Open(Kernel, new HostOptions { StateDirectory = State }, actor, new FrontDoors(new CniDoor(Options))).Value;
    }

    public IReadOnlyList<LedgerAllocation> Open()
    {
        using LocalNode node = Node();
        return node.Ledger.Read(view => view.OpenAllocations()).Value;
    }

    /// <summary>An address plugin: a shell script that notes its command and then does as told.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="script">What it does; CNI_COMMAND is set.</param>
    public void AddPlugin(string name, string script)
    {
        string file = Path.Combine(Plugins, name);
        File.WriteAllText(file, $"""
            #!/bin/sh
            cat > {Plugins}/{name}.stdin.$CNI_COMMAND
            echo $CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME >> {Plugins}/{name}.calls
            {script}

            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Lets everybody write a folder.</summary>
    public static void OpenToAll(string folder)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
    }

    /// <summary>A plugin that assigns one address.</summary>
    public void AddStaticPlugin(string name, string answer) =>
        AddPlugin(name, $"if [ \"$CNI_COMMAND\" = ADD ]; then cat <<'END'\n{answer}\nEND\nfi");

    /// <summary>The commands an address plugin was called with.</summary>
    public string[] CallsOf(string name) => File.Exists($"{Plugins}/{name}.calls") ? File.ReadAllLines($"{Plugins}/{name}.calls") : [];

    /// <summary>Calls the plugin.</summary>
    /// <param name="command">CNI_COMMAND.</param>
    /// <param name="config">Standard input: bytes, a text, or an object.</param>
    /// <param name="change">Changes the environment; a null value removes a variable.</param>
    public async Task<CniAnswer> CallAsync(string command, object config, params (string Key, string? Value)[] change)
    {
        Dictionary<string, string?> environment = new()
        {
            ["CNI_COMMAND"] = command,
            ["CNI_CONTAINERID"] = "ctr1",
            ["CNI_IFNAME"] = "net1",
            ["CNI_NETNS"] = "/run/netns/blue",
            ["CNI_PATH"] = Plugins,
        };
        foreach ((string key, string? value) in change)
            environment[key] = value;
        string attachment = $"{environment["CNI_CONTAINERID"]} {environment["CNI_IFNAME"]}";
        if (command == "CHECK" && config is JsonObject asked && !asked.ContainsKey("prevResult"))
        {
            // As every runtime does, which keeps what ADD answered.
            config = asked.DeepClone();
            ((JsonObject)config)["prevResult"] = _results.GetValueOrDefault(attachment)?.DeepClone() ?? new JsonObject();
        }
        int pid = Interlocked.Increment(ref _pid);
        Kernel.Machine.AddProcess(pid);
        CniPlugin plugin = new(Seen, Options with { ProcessId = pid, StateDirectory = State });
        using MemoryStream input = new(config as byte[] ?? Encoding.UTF8.GetBytes(config as string ?? JsonSerializer.Serialize(config)));
        using MemoryStream output = new();
        using StringWriter log = new();
        try
        {
            int exit = await plugin.RunAsync(environment.GetValueOrDefault, input, output, log);
            CniAnswer answer = new(exit, Encoding.UTF8.GetString(output.ToArray()), log.ToString());
            if (command == "ADD" && exit == 0)
                _results[attachment] = answer.Json;
            return answer;
        }
        finally
        {
            Kernel.Machine.EndProcess(pid);
        }
    }

    /// <summary>The part of a network's configuration that names its address plugin.</summary>
    public static (string Key, JsonNode? Value) Ipam(string type) => ("ipam", new JsonObject { ["type"] = type });

    /// <summary>A network's configuration; a null value removes a key.</summary>
    public static JsonObject Config(string? device, params (string Key, JsonNode? Value)[] more)
    {
        JsonObject config = new()
        {
            ["cniVersion"] = "1.0.0",
            ["name"] = "sriov-net",
            ["type"] = "sriov",
        };
        if (device is not null)
            config["deviceID"] = device;
        foreach ((string key, JsonNode? value) in more)
        {
            if (value is null)
                _ = config.Remove(key);
            else
                config[key] = value.DeepClone();
        }
        return config;
    }

    public void Dispose() => _state.Delete(recursive: true);
}
