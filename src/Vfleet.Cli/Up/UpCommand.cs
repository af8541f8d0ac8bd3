using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Lab;
using Vfleet.Cli.Lab.Run;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Cli.Up;

/// <summary><c>vfleet up</c> and <c>vfleet down</c>: the main job in one command.</summary>
internal static class UpCommand
{
    private const string Hardware = "hardware";
    private const string InLab = "lab";
    private const string Simulated = "simulated";

    private static readonly Option<bool> Json = new("--json") { Description = "The same as --output json" };

    // Given by the outer vfleet to the one in the guest.
    private static readonly Option<string?> Inside = new("--inside") { Hidden = true };

    public static Command Create()
    {
        Command up = new("up", "Show two isolated workloads on VFs: on this machine's NIC, else in the lab")
        {
            Json, GlobalOptions.DryRun, Inside,
        };
        up.SetAction((parsed, cancel) => HostSession.RunWithCodeAsync(parsed, Format(parsed), session => UpAsync(parsed, session, cancel)));
        return up;
    }

    public static Command CreateDown()
    {
        Command down = new("down", "End what `vfleet up` began") { Json, GlobalOptions.DryRun };
        down.SetAction((parsed, cancel) => HostSession.RunWithCodeAsync(parsed, Format(parsed), session => DownAsync(parsed, session, cancel)));
        return down;
    }

    private static async Task<Outcome<int>> DownAsync(ParseResult parsed, HostSession session, CancellationToken cancel)
    {
        UpRunner runner = new(session.Host, Say);
        LabMachine? machine = session.Kernel.IsSimulated || LabUse.IsInside() ? null : LabMachine.OfThisProcess(new StderrProgress());
        bool dryRun = parsed.GetValue(GlobalOptions.DryRun);
        Outcome<bool> ended = dryRun ? runner.IsUp() : await runner.DownAsync(cancel).ConfigureAwait(false);
        // Who may not read the records of this machine may still have a lab of their own.
        if (!ended.Try(out bool wasUp, out Fault? fault) && (fault.Kind != FaultKind.NotPermitted || machine is null))
            return fault;
        if (machine is not null)
            wasUp |= dryRun
                ? (await machine.StatusAsync(cancel).ConfigureAwait(false)).Condition != LabCondition.Stopped
                : await machine.DownAsync(cancel).ConfigureAwait(false);
        if (fault is not null && !wasUp)
            return fault;
        if (fault is not null)
            Say($"only your lab was looked at: {fault.Error}");
        string text = (wasUp, dryRun) switch
        {
            (false, _) => "nothing was up",
            (true, false) => "all is down",
            (true, true) => "what `vfleet up` began would be ended; nothing was changed",
        };
        session.Output.Done(text, new JsonObject { ["down"] = !dryRun, ["wasUp"] = wasUp });
        return 0;
    }

    private static async Task<Outcome<int>> UpAsync(ParseResult parsed, HostSession session, CancellationToken cancel)
    {
        UpRunner runner = new(session.Host, Say);
        Outcome<PhysicalFunction?> chosen = await runner.ChooseAsync(cancel).ConfigureAwait(false);
        if (!chosen.Try(out PhysicalFunction? pf, out Fault? fault))
            return fault;
        string? inside = parsed.GetValue(Inside);
        if (pf is null && inside is not null)
            return new Fault(FaultKind.Internal, "the lab's guest has no PF that is fit") { Remedy = "look with `vfleet lab shell`, then `vfleet pf list`" };
        if (pf is null)
            return session.Kernel.IsSimulated ? NoFitPf(session.Kernel.Name) : await UpElsewhereAsync(parsed, session, cancel).ConfigureAwait(false);
        string mode = inside ?? (session.Kernel.IsSimulated ? Simulated : Hardware);
        if (parsed.GetValue(GlobalOptions.DryRun))
            return runner.Check(pf).Try(out _, out fault) ? Plan(session, mode, pf) : fault;
        if (mode == Hardware && !MayChange(session, pf))
            return Fault.Refused($"{pf.Label} was not changed", "this is real hardware, and nobody said yes", "give --yes, or try `vfleet --host sim:igb up`", pf.Label);
        Outcome<UpReport> done = await runner.RunAsync(pf, mode, cancel).ConfigureAwait(false);
        return done.Try(out UpReport? report, out fault) ? Print(session, report) : fault;
    }

    /// <summary>No hardware here: the lab where it can run, else the simulated kernel.</summary>
    private static async Task<Outcome<int>> UpElsewhereAsync(ParseResult parsed, HostSession session, CancellationToken cancel)
    {
        bool isDryRun = parsed.GetValue(GlobalOptions.DryRun);
        if (!Environment.IsPrivilegedProcess && !LabUse.HasEmulator())
        {
            Say("no SR-IOV hardware, no QEMU, and not root to install it: the kernel and its NIC are simulated");
            return isDryRun ? Plan(session, Simulated, null) : await UpSimulatedAsync(session, cancel).ConfigureAwait(false);
        }
        Say("no SR-IOV hardware here: using the lab");
        if (isDryRun)
            return Plan(session, InLab, null);
        LabMachine machine = LabMachine.OfThisProcess(new StderrProgress());
        await machine.UpAsync(LabMachine.DefaultBootDeadline, cancel).ConfigureAwait(false);
        List<string> argv = [.. LabUse.GuestCommand(), "up", "--inside", InLab, "--output", Format(parsed)];
        if (parsed.GetValue(GlobalOptions.Verbose))
            argv.Add("--verbose");
        LabRun run = new(argv) { Cwd = "/", Stdout = StandardStreams.OpenOutput(), Stderr = StandardStreams.OpenError() };
        int code = await machine.RunAsync(run, cancel).ConfigureAwait(false);
        session.Output.Line("look inside with `vfleet lab shell`; end it all with `vfleet down`");
        return code;
    }

    private static async Task<Outcome<int>> UpSimulatedAsync(HostSession session, CancellationToken cancel)
    {
        using HostSession simulated = session.Simulated("igb");
        UpRunner runner = new(simulated.Host, Say);
        Outcome<PhysicalFunction?> chosen = await runner.ChooseAsync(cancel).ConfigureAwait(false);
        if (!chosen.Try(out PhysicalFunction? pf, out Fault? fault))
            return fault;
        if (pf is null)
            return NoFitPf(simulated.Kernel.Name);
        Outcome<UpReport> done = await runner.RunAsync(pf, Simulated, cancel).ConfigureAwait(false);
        return done.Try(out UpReport? report, out fault) ? Print(session, report) : fault;
    }

    private static int Plan(HostSession session, string mode, PhysicalFunction? pf)
    {
        string where = (pf, mode) switch
        {
            (null, InLab) => "the lab would be booted",
            (null, _) => "a machine would be simulated",
            _ => $"{pf.Label} ({pf.DeviceName}) would be used",
        };
        string vfs = pf is { NumVfs: > 0 } ? "" : ", VFs created";
        string names = string.Join(", ", UpScene.Workloads.Select(workload => workload.Namespace));
        session.Output.Done(
            $"{where}{vfs}, and one VF each attached to {names}; nothing was changed",
            new JsonObject { ["mode"] = mode, ["pf"] = pf?.Label, ["dryRun"] = true });
        return 0;
    }

    private static int Print(HostSession session, UpReport report)
    {
        if (session.Output.IsForPeople)
            UpPrinter.Print(session.Output, report);
        else
            session.Output.Object(report.Json());
        return report.IsGood ? 0 : (int)FaultKind.Kernel;
    }

    private static bool MayChange(HostSession session, PhysicalFunction pf) =>
        session.Confirm($"Use {pf.Label} ({pf.DeviceName}): create VFs where it has none, and attach three to namespaces of their own?");

    private static Fault NoFitPf(string kernel) =>
        Fault.NotFound($"{kernel} has no NIC with three VFs and a native VF driver", "choose another profile, such as --host sim:igb");

    private static string Format(ParseResult parsed) => parsed.GetValue(Json) ? OutputFormat.Json : parsed.GetValue(GlobalOptions.Output)!;

    private static void Say(string line) => Console.Error.WriteLine($"vfleet: {line}");
}
