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
using Vfleet.Telemetry.Tracing;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet trace latency|drops|interrupts</c></summary>
internal static class TraceCommand
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromHours(1);

    private static readonly Option<string> Vf = new("--vf") { Description = "The VF: its PCI address, or PF/index", Required = true };
    private static readonly Option<string> For = new("--for")
    {
        Description = "How long, such as 500ms, 10s or 2m, from when all is attached", DefaultValueFactory = _ => "10s",
    };

    private static readonly Option<string?> Folded = new("--folded") { Description = "Write kernel stacks to this file, as flamegraph.pl reads them" };

    public static Command Create()
    {
        Command trace = new("trace", "Look into the kernel for one VF, through eBPF");
        Command latency = new("latency", "How long its packets take from the interrupt to the socket");
        Command drops = new("drops", "Which of its packets the kernel drops, why and where");
        Command interrupts = new("interrupts", "How often its interrupts come, and how long they take");
        trace.Subcommands.Add(Filled(latency, TraceKind.Latency));
        trace.Subcommands.Add(Filled(drops, TraceKind.Drops));
        trace.Subcommands.Add(Filled(interrupts, TraceKind.Interrupts));
        return trace;
    }

    private static Command Filled(Command command, TraceKind kind)
    {
        foreach (Option option in (Option[])[Vf, For, Folded, GlobalOptions.DryRun, GlobalOptions.Force])
            command.Options.Add(option);
        command.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, session => TraceAsync(session, parsed, kind, cancel)));
        return command;
    }

    private static async Task<Fault?> TraceAsync(HostSession session, ParseResult parsed, TraceKind kind, CancellationToken cancel)
    {
        string? folded = parsed.GetValue(Folded);
        bool force = parsed.GetValue(GlobalOptions.Force);
        if (!AmountText.Duration("--for", parsed.GetValue(For)!, Shortest, Longest).Try(out TimeSpan time, out Fault? fault))
            return fault;
        if (folded is "")
            return Fault.Usage("--folded names no file", "name one, such as drops.folded");
        if (folded is not null && FoldedFile.Check(folded, force) is { } wrong)
            return wrong;
        Outcome<VfAmongSiblings> found = await session.Host.FindVfAsync(parsed.GetRequiredValue(Vf), cancel).ConfigureAwait(false);
        if (!found.Try(out VfAmongSiblings? place, out fault)
            || !TraceTarget.Of(session.Kernel, place.Vf).Try(out TraceTarget? target, out fault))
            return fault;
        if (session.Kernel.IsSimulated)
            return Fault.Refused("a simulated machine has no kernel to trace");
        if (ToolCheck.Missing(Bpftrace.Program, Bpftrace.Missing, "trace") is { } missing)
            return missing;
        Outcome<TraceKernel> read = await TraceKernel.ReadAsync(session.Kernel.Files, ToolCheck.Start, cancel).ConfigureAwait(false);
        if (!read.Try(out TraceKernel? kernel, out fault)
            || !TraceProgram.Of(kind, target, kernel, folded is not null).Try(out TraceProgram? program, out fault))
            return fault;
        foreach (string lack in program.Missing)
            await Console.Error.WriteLineAsync($"vfleet: {lack}").ConfigureAwait(false);
        Wish wish = new(kind, place.Vf, time, folded, force);
        if (!parsed.GetValue(GlobalOptions.DryRun))
            return await RunAsync(session, wish, kernel, program, cancel).ConfigureAwait(false);
        session.Output.Done(program.Text.TrimEnd('\n'), new JsonObject
        {
            ["vf"] = place.Vf.Label,
            ["kind"] = TraceJson.Word(kind),
            ["interface"] = target.Interface,
            ["vectors"] = new JsonArray([.. target.Vectors.Select(vector => (JsonNode)vector)]),
            ["program"] = program.Text,
            ["missing"] = new JsonArray([.. program.Missing.Select(lack => (JsonNode)lack)]),
            ["dryRun"] = true,
        });
        return null;
    }

    private static async Task<Fault?> RunAsync(
        HostSession session, Wish wish, TraceKernel kernel, TraceProgram program, CancellationToken cancel)
    {
        string detail = string.Create(CultureInfo.InvariantCulture, $"{TraceJson.Word(wish.Kind)} for {wish.Time.TotalSeconds:0.###} s");
        Outcome<ToolAudit> noted = await ToolAudit.BeginAsync(session, wish.Vf, "trace", detail, cancel).ConfigureAwait(false);
        if (!noted.Try(out ToolAudit? audit, out Fault? fault))
            return fault;
        using StatusLine line = new();
        line.Show("attaching");
        Bpftrace tool = new(ToolCheck.Start, session.Host.Options.Time);
        Outcome<(BpftraceOutput, DateTimeOffset, DateTimeOffset)> ran;
        try
        {
            ran = await tool.RunAsync(program, kernel.DropReasons, wish.Time,
                () => line.Show($"tracing for {AmountText.Words(wish.Time)}"), cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Before all was attached; history says how it ended all the same.
            _ = audit.End($"{detail}: interrupted before it began");
            throw;
        }
        line.Dispose();
        if (!ran.Try(out (BpftraceOutput Output, DateTimeOffset From, DateTimeOffset To) done, out fault))
            return audit.End($"{detail} failed: {fault.Error}") ?? fault;
        TraceResult result = new()
        {
            Kind = wish.Kind,
            Vf = wish.Vf.Label,
            Pf = wish.Vf.Pf.Label,
            Index = wish.Vf.Index,
            Bdf = wish.Vf.Address?.ToString(),
            Allocation = audit.Allocation?.Id,
            From = done.From,
            To = done.To,
            Histograms = done.Output.Histograms,
            Counts = done.Output.Counts,
            Stacks = done.Output.Stacks,
            Missing = program.Missing,
            Lost = done.Output.Lost,
        };
        fault = audit.End(detail, change => TraceResults.Keep(change, result));
        if (wish.Folded is { } path && FoldedFile.Write(path, result.Stacks, wish.Replaces) is { } notWritten)
            fault ??= notWritten;
        if (session.Output.IsForPeople)
            TraceView.Print(session.Output, result);
        else
            session.Output.Object(TraceJson.Of(result));
        return fault;
    }

    private sealed record Wish(TraceKind Kind, VirtualFunction Vf, TimeSpan Time, string? Folded, bool Replaces);
}
