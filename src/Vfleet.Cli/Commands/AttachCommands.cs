using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Session;
using Vfleet.Host.Attach;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet attach</c> and <c>vfleet detach</c>.</summary>
internal static class AttachCommands
{
    public static Command CreateAttach()
    {
        Argument<string> vf = VfCommands.VfArgument();
        Option<string?> netns = new("--netns") { Description = "Network namespace: a name of `ip netns list`, or a path" };
        Option<string?> pid = new("--pid") { Description = "The network namespace of this process" };
        Option<string> name = new("--name") { Description = "Interface name there", DefaultValueFactory = _ => "eth0" };
        Option<string[]> addresses = new("--address") { Description = "Address with prefix length, such as 192.0.2.7/24; may be repeated" };
        Option<string?> mtu = new("--mtu") { Description = "MTU in bytes" };
        SettingsOptions settings = new();
        Command attach = new("attach", "Hand a VF to a network namespace") { vf, netns, pid, name, addresses, mtu, GlobalOptions.DryRun, GlobalOptions.Force };
        settings.AddTo(attach);
        attach.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            if (!Target(parsed.GetValue(netns), parsed.GetValue(pid)).Try(out string? path, out Fault? fault)
                || !settings.Read(parsed).Try(out VfSettings? wanted, out fault)
                || !Addresses(parsed.GetValue(addresses) ?? []).Try(out IReadOnlyList<IPNetworkAddress>? list, out fault)
                || !Mtu(parsed.GetValue(mtu)).Try(out int? bytes, out fault))
                return fault;
            AttachRequest request = new()
            {
                Vf = parsed.GetValue(vf)!,
                NamespacePath = path,
                InterfaceName = parsed.GetValue(name)!,
                Addresses = list,
                Mtu = bytes,
                Settings = wanted,
                Force = parsed.GetValue(GlobalOptions.Force),
            };
            return await AttachAsync(session, request, parsed.GetValue(GlobalOptions.DryRun), cancel).ConfigureAwait(false);
        }));
        return attach;
    }

    public static Command CreateDetach()
    {
        Argument<string> vf = VfCommands.VfArgument();
        Command detach = new("detach", "Take a VF back and restore what it was before") { vf, GlobalOptions.DryRun };
        detach.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            bool dryRun = parsed.GetValue(GlobalOptions.DryRun);
            Outcome<DetachResult> done = await session.Host.Detacher.DetachAsync(parsed.GetValue(vf)!, dryRun, cancel).ConfigureAwait(false);
            if (!done.Try(out DetachResult? result, out Fault? fault))
                return fault;
            foreach (string warning in result.Warnings)
                await Console.Error.WriteLineAsync($"vfleet: warning: {warning}").ConfigureAwait(false);
            session.Output.Done(
                $"{result.Vf} {(dryRun ? "would be taken" : "is")} back from {result.NamespacePath}{(result.NamespaceWasGone ? " (which was gone)" : "")}{(result.InterfaceName is null ? "" : $", as {result.InterfaceName}")}",
                new JsonObject { ["vf"] = result.Vf, ["namespace"] = result.NamespacePath, ["namespaceWasGone"] = result.NamespaceWasGone, ["netdev"] = result.InterfaceName, ["dryRun"] = dryRun });
            return null;
        }));
        return detach;
    }

    private static async Task<Fault?> AttachAsync(HostSession session, AttachRequest request, bool dryRun, CancellationToken cancel)
    {
        Outcome<Unit> written = await session.WritesAsync(request.Force && !dryRun, $"attach {request.Vf} to {request.NamespacePath}",
            forced => session.Host.Attacher.AttachAsync(request with { Force = forced }, dryRun: true, cancel)).ConfigureAwait(false);
        if (!written.Try(out _, out Fault? fault))
            return fault;
        Outcome<AttachResult> done = await session.Host.Attacher.AttachAsync(request, dryRun, cancel).ConfigureAwait(false);
        if (!done.Try(out AttachResult? result, out fault))
            return fault;
        foreach (string warning in result.Warnings)
            await Console.Error.WriteLineAsync($"vfleet: warning: {warning}").ConfigureAwait(false);
        string what = result.InterfaceName is null ? string.Join(" and ", result.DeviceNodes) : $"{result.InterfaceName}, MAC {result.Mac}, MTU {result.Mtu}";
        session.Output.Done($"{result.Vf} {(dryRun ? "would be" : "is")} in {result.NamespacePath} as {what}", Json(result, dryRun));
        return null;
    }

    private static JsonObject Json(AttachResult result, bool dryRun) => new()
    {
        ["vf"] = result.Vf,
        ["namespace"] = result.NamespacePath,
        ["netdev"] = result.InterfaceName,
        ["mac"] = result.Mac?.ToString(),
        ["mtu"] = result.Mtu,
        ["addresses"] = new JsonArray([.. result.Addresses.Select(address => (JsonNode)address.ToString())]),
        ["deviceNodes"] = new JsonArray([.. result.DeviceNodes.Select(node => (JsonNode)node)]),
        ["dryRun"] = dryRun,
    };

    private static Outcome<string> Target(string? netns, string? pid)
    {
        if (netns is null == pid is null)
            return Fault.Usage("give one of --netns and --pid");
        if (pid is not null)
        {
            return int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
                ? $"/proc/{number}/ns/net"
                : Fault.Usage($"--pid \"{pid}\" is not a process id");
        }
        if (netns!.StartsWith('/'))
            return netns;
        return InterfaceName.CheckNamespace(netns) is { } wrong ? wrong : $"/run/netns/{netns}";
    }

    private static Outcome<IReadOnlyList<IPNetworkAddress>> Addresses(string[] texts)
    {
        List<IPNetworkAddress> addresses = [];
        foreach (string text in texts)
        {
            if (!IPNetworkAddress.TryParse(text, out IPNetworkAddress? address))
                return Fault.Usage($"--address \"{text}\" is not an address with prefix length, such as 192.0.2.7/24 or 2001:db8::7/64");
            addresses.Add(address);
        }
        return addresses;
    }

    private static Outcome<int?> Mtu(string? text)
    {
        if (text is null)
            return Outcome<int?>.Of(null);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes) && bytes is >= 68 and <= 65535
            ? bytes
            : Fault.Usage($"--mtu \"{text}\" is not a number of bytes from 68 to 65535");
    }
}
