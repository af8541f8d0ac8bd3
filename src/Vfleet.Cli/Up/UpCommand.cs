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
        UpRunner runner = new(session.Host, session.Records, session.Node, Say);
        LabMachine? machine = session.Kernel.IsSimulated || LabUse.IsInside() ? null : LabMachine.OfThisProcess(new StderrProgress());
        bool dryRun = parsed.GetValue(GlobalOptions.DryRun);
        Outcome<bool> ended = dryRun ? runner.IsUp() : await runner.DownAsync(cancel).ConfigureAwait(false);
        // Who may not read the records of this machine may still have a lab of their own.
        if (!ended.Try(out bool wasUp, out Fault? fault) && (fault.Kind != FaultKind.NotPermitted || machine is null))
            return fault;
        if (machine is not null)
            wasUp |= await EndLabAsync(machine, dryRun, cancel).ConfigureAwait(false);
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

    /// <returns>True where there was a lab.</returns>
    private static async Task<bool> EndLabAsync(LabMachine machine, bool isDryRun, CancellationToken cancel)
    {
        if (isDryRun)
            return (await machine.StatusAsync(cancel).ConfigureAwait(false)).Condition != LabCondition.Stopped;
        if (!Directory.Exists(machine.Paths.Runtime))
            return false;
        // Not below the feet of an `up` that sets its scene in it.
        await using FileStream held = await machine.LockSceneAsync(cancel).ConfigureAwait(false);
        return await machine.DownAsync(cancel).ConfigureAwait(false);
    }

    private static async Task<Outcome<int>> UpAsync(ParseResult parsed, HostSession session, CancellationToken cancel)
    {
        UpRunner runner = new(session.Host, session.Records, session.Node, Say);
        if (!(await runner.ChooseAsync(cancel).ConfigureAwait(false)).Try(out UpPlace? place, out Fault? fault))
            return fault;
        string? inside = parsed.GetValue(Inside);
        if (place.Pf is not { } pf)
        {
            if (inside is not null)
            {
                Fault none = NoFitPf("the lab's guest", place, "look with `vfleet lab shell`, then `vfleet pf list`");
                return none with { Kind = FaultKind.Internal };
            }
            return session.Kernel.IsSimulated
                ? NoFitPf(session.Kernel.Name, place)
                : await UpElsewhereAsync(parsed, session, place, cancel).ConfigureAwait(false);
        }
        string mode = inside ?? (session.Kernel.IsSimulated ? Simulated : Hardware);
        if (parsed.GetValue(GlobalOptions.DryRun))
            return runner.Check(pf).Try(out _, out fault) ? Plan(session, mode, place) : fault;
        if ((mode == Hardware || place.Destroys.Count > 0) && !session.Confirm(Question(pf, place)))
        {
            string why = mode == Hardware ? "this is real hardware" : $"{place.Destroys.Count} unused VFs would be destroyed";
            return Fault.Refused(
                $"{pf.Label} was not changed", $"{why}, and nobody said yes", "give --yes, or try `vfleet --host sim:igb up`", pf.Label);
        }
        Outcome<UpReport> done = await runner.RunAsync(place, mode, cancel).ConfigureAwait(false);
        return done.Try(out UpReport? report, out fault) ? Print(session, report) : fault;
    }

    /// <summary>No hardware that can be used: the lab where it can run, else the simulated kernel.</summary>
    private static async Task<Outcome<int>> UpElsewhereAsync(
        ParseResult parsed, HostSession session, UpPlace none, CancellationToken cancel)
    {
        bool isDryRun = parsed.GetValue(GlobalOptions.DryRun);
        foreach (UnfitPf unfit in none.Unfit)
            Say($"not used: {unfit}");
        string hardware = none.Unfit.Count == 0 ? "no SR-IOV hardware" : "no SR-IOV hardware that can be used";
        if (!Environment.IsPrivilegedProcess && !LabUse.HasEmulator())
        {
            Say($"{hardware}, no QEMU, and not root to install it: the kernel and its NIC are simulated");
            return isDryRun ? Plan(session, Simulated, none) : await UpSimulatedAsync(session, cancel).ConfigureAwait(false);
        }
        Say($"{hardware} here: using the lab");
        if (isDryRun)
            return Plan(session, InLab, none);
        LabMachine machine = LabMachine.OfThisProcess(new StderrProgress());
        await using FileStream held = await machine.LockSceneAsync(cancel).ConfigureAwait(false);
        await machine.UpAsync(LabMachine.DefaultBootDeadline, cancel).ConfigureAwait(false);
        List<string> argv = [.. LabUse.GuestCommand(), "up", "--inside", InLab, "--output", Format(parsed)];
        if (parsed.GetValue(GlobalOptions.Verbose))
            argv.Add("--verbose");
        if (parsed.GetValue(GlobalOptions.Yes))
            argv.Add("--yes");
        LabRun run = new(argv) { Cwd = "/", Stdout = StandardStreams.OpenOutput(), Stderr = StandardStreams.OpenError() };
        int code = await machine.RunAsync(run, cancel).ConfigureAwait(false);
        session.Output.Line("look inside with `vfleet lab shell`; end it all with `vfleet down`");
        return code;
    }

    private static async Task<Outcome<int>> UpSimulatedAsync(HostSession session, CancellationToken cancel)
    {
        using HostSession simulated = session.Simulated("igb");
        UpRunner runner = new(simulated.Host, simulated.Records, simulated.Node, Say);
        if (!(await runner.ChooseAsync(cancel).ConfigureAwait(false)).Try(out UpPlace? place, out Fault? fault))
            return fault;
        if (place.Pf is null)
            return NoFitPf(simulated.Kernel.Name, place);
        Outcome<UpReport> done = await runner.RunAsync(place, Simulated, cancel).ConfigureAwait(false);
        return done.Try(out UpReport? report, out fault) ? Print(session, report) : fault;
    }

    private static int Plan(HostSession session, string mode, UpPlace place)
    {
        PhysicalFunction? pf = place.Pf;
        string where = (pf, mode) switch
        {
            (null, InLab) => "the lab would be booted",
            (null, _) => "a machine would be simulated",
            _ => $"{pf.Label} ({pf.DeviceName}) would be used",
        };
        string vfs = pf is { NumVfs: > 0 } ? Anew(pf, place) : ", VFs created";
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

    private static string Question(PhysicalFunction pf, UpPlace place) =>
        $"Use {pf.Label} ({pf.DeviceName}){(pf.NumVfs == 0 ? ", VFs created" : Anew(pf, place))}, "
        + "and attach three to namespaces of their own?";

    private static string Anew(PhysicalFunction pf, UpPlace place) => place.Destroys.Count == 0
        ? ""
        : $", its {place.Destroys.Count} unused VFs destroyed and {UpScene.VfsOn(pf)} created";

    private static Fault NoFitPf(string kernel, UpPlace none, string remedy = "choose another profile, such as --host sim:igb") =>
        Fault.NotFound($"{kernel} has no NIC with three VFs and a native VF driver", remedy) with
        {
            Cause = none.Unfit.Count == 0 ? null : string.Join(". ", none.Unfit),
        };

    private static string Format(ParseResult parsed) => parsed.GetValue(Json) ? OutputFormat.Json : parsed.GetValue(GlobalOptions.Output)!;

    private static void Say(string line) => Console.Error.WriteLine($"vfleet: {line}");
}
