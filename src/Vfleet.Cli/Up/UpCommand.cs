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
        Command up = new("up", "Show two isolated workloads on VFs: on this machine's NIC, else in the lab") { Json, Inside };
        up.SetAction((parsed, cancel) => HostSession.RunWithCodeAsync(parsed, Format(parsed), session => UpAsync(parsed, session, cancel)));
        return up;
    }

    public static Command CreateDown()
    {
        Command down = new("down", "End what `vfleet up` began") { Json };
        down.SetAction((parsed, cancel) => HostSession.RunWithCodeAsync(parsed, Format(parsed), async session =>
        {
            Outcome<bool> ended = await new UpRunner(session.Host, Say).DownAsync(cancel).ConfigureAwait(false);
            if (!ended.Try(out bool wasUp, out Fault? fault))
                return fault;
            if (!session.Kernel.IsSimulated && !LabUse.IsInside())
                wasUp |= await LabMachine.OfThisProcess(new StderrProgress()).DownAsync(cancel).ConfigureAwait(false);
            session.Output.Done(wasUp ? "all is down" : "nothing was up", new JsonObject { ["down"] = true, ["wasUp"] = wasUp });
            return 0;
        }));
        return down;
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
        if (mode == Hardware && !MayChange(session, pf))
            return Fault.Refused($"{pf.Label} was not changed", "this is real hardware, and nobody said yes", "give --yes, or try `vfleet --host sim:igb up`", pf.Label);
        Outcome<UpReport> done = await runner.RunAsync(pf, mode, cancel).ConfigureAwait(false);
        return done.Try(out UpReport? report, out fault) ? Print(session, report) : fault;
    }

    /// <summary>No hardware here: the lab where it can run, else the simulated kernel.</summary>
    private static async Task<Outcome<int>> UpElsewhereAsync(ParseResult parsed, HostSession session, CancellationToken cancel)
    {
        if (!Environment.IsPrivilegedProcess && !LabUse.HasEmulator())
        {
            Say("no SR-IOV hardware, no QEMU, and not root to install it: the kernel and its NIC are simulated");
            return await UpSimulatedAsync(session, cancel).ConfigureAwait(false);
        }
        Say("no SR-IOV hardware here: using the lab");
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
