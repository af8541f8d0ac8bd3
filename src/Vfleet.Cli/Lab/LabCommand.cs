using System.CommandLine;
using System.Globalization;
using Vfleet.Cli.Lab.Guest;
using Vfleet.Cli.Lab.Run;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Linux;

namespace Vfleet.Cli.Lab;

/// <summary><c>vfleet lab</c>: the virtual machine with SR-IOV devices for those who have none.</summary>
internal static class LabCommand
{
    private const string AgentName = "guest-agent";

    internal static Command Create()
    {
        Command lab = new("lab", "A virtual machine with SR-IOV devices that runs this machine's own files");
        lab.Subcommands.Add(Up());
        lab.Subcommands.Add(Status());
        lab.Subcommands.Add(Shell());
        lab.Subcommands.Add(Run());
        lab.Subcommands.Add(Reboot());
        lab.Subcommands.Add(Down());
        lab.Subcommands.Add(Agent());
        return lab;
    }

    /// <summary>True for the arguments that start the guest's agent, which can spare itself the whole command tree.</summary>
    internal static bool IsGuestAgent(IReadOnlyList<string> args) => args is ["lab", AgentName];

    /// <summary>Serves commands inside the lab until the guest powers off.</summary>
    internal static async Task<int> RunGuestAgentAsync(CancellationToken cancellation)
    {
        if (Environment.GetEnvironmentVariable("VFLEET_IN_LAB") is null)
            return ErrorWriter.Report(Fault.Refused("the agent runs in the lab's guest only"), OutputFormat.Table);
        await GuestAgent.ForGuest().RunAsync(cancellation);
        return 0;
    }

    private static Command Up()
    {
        Option<int> timeout = BootTimeout();
        Command command = new("up", "Start the lab; fetches and builds what is missing") { timeout };
        command.SetAction((parsed, interrupted) => LabGuard.RunAsync(
            parsed,
            async (machine, cancellation) => Print(parsed, await machine.UpAsync(TimeSpan.FromSeconds(parsed.GetValue(timeout)), cancellation)),
            interrupted));
        return command;
    }

    private static Command Status()
    {
        Command command = new("status", "Show whether the lab runs and where its files are; ends with 3 where it does not run");
        command.SetAction((parsed, interrupted) => LabGuard.RunAsync(
            parsed,
            async (machine, cancellation) =>
            {
                LabStatus status = await machine.StatusAsync(cancellation);
                new ResultWriter(parsed.GetValue(GlobalOptions.Output)!, Console.Out).Object(status.ToJson());
                return status.Condition == LabCondition.Running ? 0 : (int)FaultKind.NotFound;
            },
            interrupted));
        return command;
    }

    private static Command Shell()
    {
        Command command = new("shell", "Open a shell in the lab");
        command.SetAction((parsed, interrupted) => LabGuard.RunAsync(
            parsed, (machine, cancellation) => RunOnTerminalAsync(machine, ["bash", "-l"], cancellation), interrupted));
        return command;
    }

    private static Command Run()
    {
        Argument<string[]> argv = new("command") { Description = "The command and its arguments, after --", Arity = ArgumentArity.OneOrMore };
        Option<bool> tty = new("--tty", "-t") { Description = "Give the command a terminal" };
        Command command = new("run", "Run a command in the lab, with its streams, working directory and exit code") { tty, argv };
        command.SetAction((parsed, interrupted) => LabGuard.RunAsync(
            parsed,
            (machine, cancellation) =>
            {
                string[] words = parsed.GetRequiredValue(argv);
                return parsed.GetValue(tty)
                    ? RunOnTerminalAsync(machine, words, cancellation)
                    : machine.RunAsync(OnStandardStreams(words), cancellation);
            },
            interrupted));
        return command;
    }

    private static Command Reboot()
    {
        Option<int> timeout = BootTimeout();
        Command command = new("reboot", "Restart the guest; its scratch disk (/var/lib) stays") { timeout };
        command.SetAction((parsed, interrupted) => LabGuard.RunAsync(
            parsed,
            async (machine, cancellation) => Print(parsed, await machine.RebootAsync(TimeSpan.FromSeconds(parsed.GetValue(timeout)), cancellation)),
            interrupted));
        return command;
    }

    private static Command Down()
    {
        Command command = new("down", "End the lab and remove its scratch disk");
        command.SetAction((parsed, interrupted) => LabGuard.RunAsync(
            parsed,
            async (machine, cancellation) =>
            {
                bool wasThere = await machine.DownAsync(cancellation);
                new ResultWriter(parsed.GetValue(GlobalOptions.Output)!, Console.Out)
                    .Done(wasThere ? "the lab is down" : "the lab was not running", (await machine.StatusAsync(cancellation)).ToJson());
                return 0;
            },
            interrupted));
        return command;
    }

    private static Command Agent()
    {
        Command command = new(AgentName, "Serve commands inside the lab; started by the guest itself") { Hidden = true };
        command.SetAction((_, cancellation) => RunGuestAgentAsync(cancellation));
        return command;
    }

    /// <summary>People have seen the progress lines; a program gets the status.</summary>
    private static int Print(ParseResult parsed, LabStatus status)
    {
        ResultWriter output = new(parsed.GetValue(GlobalOptions.Output)!, Console.Out);
        if (!output.IsForPeople)
            output.Object(status.ToJson());
        return 0;
    }

    private static Option<int> BootTimeout()
    {
        Option<int> timeout = new("--timeout")
        {
            Description = "Seconds the guest may take to boot",
            DefaultValueFactory = _ => (int)LabMachine.DefaultBootDeadline.TotalSeconds,
        };
        timeout.Validators.Add(result =>
        {
            // The text, not the value: asking for the value of a text that is no number throws.
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is >= 1 and <= 3600))
                result.AddError("--timeout takes 1 to 3600 seconds");
        });
        return timeout;
    }

    private static LabRun OnStandardStreams(string[] argv) => new(argv)
    {
        Stdin = StandardStreams.OpenInput(),
        Stdout = StandardStreams.OpenOutput(),
        Stderr = StandardStreams.OpenError(),
    };

    private static async Task<int> RunOnTerminalAsync(LabMachine machine, string[] argv, CancellationToken cancellation)
    {
        using RawTerminal terminal = RawTerminal.Enter();
        return await machine.RunAsync(OnStandardStreams(argv) with { Terminal = RawTerminal.Size() }, cancellation);
    }
}
