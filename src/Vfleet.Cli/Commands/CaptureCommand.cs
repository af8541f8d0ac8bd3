using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Run;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Telemetry.Capture;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet capture</c></summary>
internal static class CaptureCommand
{
    private const long LeastBytes = 4096, MostBytes = 1L << 40;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromHours(24);

    private static readonly Option<string> Vf = new("--vf") { Description = "The VF: its PCI address, or PF/index", Required = true };
    private static readonly Option<string> File = new("--write", "-w") { Description = "The pcapng file to write", Required = true };
    private static readonly Option<string> For = new("--for")
    {
        Description = "How long, such as 500ms, 10s or 2m", DefaultValueFactory = _ => "10s",
    };

    private static readonly Option<string> Max = new("--max")
    {
        Description = "How long the file may become, such as 100MB or 2GiB", DefaultValueFactory = _ => "100MB",
    };

    private static readonly Option<string?> Filter = new("--filter") { Description = "Only these packets, in the words of pcap-filter(7)" };
    private static readonly Option<bool> Stamps = new("--hw-timestamps") { Description = "Times as the device takes them" };
    private static readonly Option<string> Snap = new("--snaplen")
    {
        Description = "Bytes of each packet to keep",
        DefaultValueFactory = _ => CaptureOrder.LongestPacket.ToString(CultureInfo.InvariantCulture),
    };

    public static Command Create()
    {
        Command capture = new("capture", "Write a VF's packets to a pcapng file, wherever its interface is")
        {
            Vf, File, For, Max, Filter, Stamps, Snap, GlobalOptions.DryRun, GlobalOptions.Force,
        };
        capture.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            if (!Order(parsed).Try(out CaptureOrder? order, out Fault? fault))
                return fault;
            Outcome<VfAmongSiblings> found = await session.Host.FindVfAsync(parsed.GetRequiredValue(Vf), cancel).ConfigureAwait(false);
            if (!found.Try(out VfAmongSiblings? place, out fault)
                || !(await CapturePoint.FindAsync(session.Kernel, place.Vf, cancel).ConfigureAwait(false)).Try(out CapturePoint? point, out fault))
                return fault;
            fault = CaptureFile.Check(order, DiskSpace.Of);
            if (fault is not null)
                return fault;
            if (session.Kernel.IsSimulated)
            {
                if (!parsed.GetValue(GlobalOptions.DryRun))
                    return Fault.Refused("a simulated machine has no packets to capture", null, "see what would be done with --dry-run");
                Plan(session, place.Vf, point, order);
                return null;
            }
            return await CheckedAsync(session, parsed, place.Vf, point, order, cancel).ConfigureAwait(false);
        }));
        return capture;
    }

    /// <summary>Looks whether all is there, before anything is written; then captures.</summary>
    private static async Task<Fault?> CheckedAsync(
        HostSession session, ParseResult parsed, VirtualFunction vf, CapturePoint point, CaptureOrder order, CancellationToken cancel)
    {
        if (ToolCheck.Missing(Tcpdump.Program, Tcpdump.Missing, "capture") is { } missing)
            return missing;
        NetworkNamespace? within = null;
        if (point.NamespacePath is { } path && !session.Kernel.OpenNamespace(path).Try(out within, out Fault? fault))
            return fault;
        using (within)
        {
            Tcpdump tcpdump = new(ToolCheck.Start);
            if (order.Filter is { } filter
                && (await tcpdump.CheckFilterAsync(point, filter, within, cancel).ConfigureAwait(false)).Fault is { } notUnderstood)
                return notUnderstood;
            if (parsed.GetValue(Stamps))
            {
                Outcome<string> told = await tcpdump.HardwareStampAsync(point, within, cancel).ConfigureAwait(false);
                if (!told.Try(out string? type, out fault))
                    return fault;
                order = order with { StampType = type };
            }
            if (!parsed.GetValue(GlobalOptions.DryRun))
                return await RunAsync(session, vf, point, order, within, cancel).ConfigureAwait(false);
            Plan(session, vf, point, order);
            return null;
        }
    }

    private static async Task<Fault?> RunAsync(HostSession session, VirtualFunction vf, CapturePoint point, CaptureOrder order,
        NetworkNamespace? within, CancellationToken cancel)
    {
        Outcome<ToolAudit> noted =
            await ToolAudit.BeginAsync(session, vf, "capture", CaptureIdentity.Detail(point, order), cancel).ConfigureAwait(false);
        if (!noted.Try(out ToolAudit? audit, out Fault? fault))
            return fault;
        CaptureIdentity identity = new(
            Environment.MachineName, vf, audit.Pool, audit.Allocation, session.Me, session.Host.Options.Time.GetUtcNow());
        CaptureRun run = new(ToolCheck.Start, session.Host.Options.Time, DiskSpace.Of);
        using StatusLine line = new();
        Outcome<CaptureResult> ran;
        try
        {
            ran = await run.RunAsync(point, order, identity, within, progress => line.Show(Words(progress)), cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Before it listened; history says how it ended all the same.
            _ = audit.End("interrupted before it began; nothing was kept");
            throw;
        }
        line.Dispose();
        if (!ran.Try(out CaptureResult? result, out fault))
            return audit.End($"nothing was kept: {fault.Error}") ?? fault;
        Fault? notNoted = audit.End(Words(result));
        JsonObject json = Json(vf, point, order);
        json["packets"] = result.Packets;
        json["bytes"] = result.Bytes;
        json["lost"] = result.Lost;
        json["from"] = AllocationView.Time(result.From);
        json["to"] = AllocationView.Time(result.To);
        json["ended"] = Word(result.Ended);
        json["allocation"] = audit.Allocation?.Id;
        json["owner"] = audit.Allocation?.Owner.Name;
        json["tenant"] = audit.Allocation?.Tenant;
        session.Output.Done($"{result.File} holds {Words(result)}", json);
        return result.Problem ?? notNoted;
    }

    private static void Plan(HostSession session, VirtualFunction vf, CapturePoint point, CaptureOrder order)
    {
        JsonObject json = Json(vf, point, order);
        json["command"] = new JsonArray([.. Tcpdump.Words(point, order).Select(word => (JsonNode)word)]);
        json["dryRun"] = true;
        session.Output.Done($"{vf.Label} would be captured on {point.Words} to {order.File} for {AmountText.Words(order.Duration)}, "
            + $"{AmountText.Words(order.MostBytes)} at most; nothing was written", json);
    }

    private static Outcome<CaptureOrder> Order(ParseResult parsed)
    {
        if (!AmountText.Duration("--for", parsed.GetValue(For)!, Shortest, Longest).Try(out TimeSpan time, out Fault? fault)
            || !AmountText.Bytes("--max", parsed.GetValue(Max)!, LeastBytes, MostBytes).Try(out long most, out fault))
            return fault;
        string snap = parsed.GetValue(Snap)!;
        if (!int.TryParse(snap, NumberStyles.None, CultureInfo.InvariantCulture, out int length) || length is < 1 or > CaptureOrder.LongestPacket)
            return Fault.Usage($"--snaplen \"{snap}\" is not a number of bytes from 1 to {CaptureOrder.LongestPacket}");
        string file = parsed.GetRequiredValue(File);
        if (file.Length == 0 || file.Contains('\0', StringComparison.Ordinal))
            return Fault.Usage("--write names no file", "name one, such as vf.pcapng");
        string? filter = parsed.GetValue(Filter);
        return new CaptureOrder
        {
            File = file,
            Duration = time,
            MostBytes = most,
            Filter = string.IsNullOrWhiteSpace(filter) ? null : filter,
            SnapLength = length,
            Replaces = parsed.GetValue(GlobalOptions.Force),
        };
    }

    private static JsonObject Json(VirtualFunction vf, CapturePoint point, CaptureOrder order) => new()
    {
        ["vf"] = vf.Label,
        ["interface"] = point.Interface,
        ["namespace"] = point.NamespacePath,
        ["representor"] = point.IsRepresentor,
        ["path"] = order.File,
        ["filter"] = order.Filter,
    };

    private static string Words(CaptureProgress progress) =>
        $"{progress.Packets} packets, {AmountText.Words(progress.Bytes)}, {progress.Left.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s left";

    private static string Words(CaptureResult result)
    {
        string lost = result.Lost is > 0 ? $", and {result.Lost} more were lost" : "";
        return $"{result.Packets} packets ({AmountText.Words(result.Bytes)}){lost}; ended by {Word(result.Ended)}";
    }

    private static string Word(CaptureEnd end) => end.ToString().ToLowerInvariant();
}
