using System.CommandLine;
using System.CommandLine.Help;
using Vfleet.Cli.Agent;
using Vfleet.Cli.Lab;
using Vfleet.Cli.Session;
using Vfleet.Cli.Up;

namespace Vfleet.Cli.Commands;

/// <summary>The whole command tree.</summary>
internal static class VfleetCommand
{
    /// <summary>Names of the commands that only look; none of the others has one of them.</summary>
    private static readonly HashSet<string> Looks = new(StringComparer.Ordinal)
    {
        "list", "show", "get", "plan", "diff", "status", "top", "stats", "events", "history", "owner",
        "export", "metrics", "verify", "preflight", "version", "completion",
    };

    /// <summary>True where a command line changes nothing: help, a dry run, or a command that only looks.</summary>
    public static bool IsLook(ParseResult parsed) => parsed.Action is HelpAction
        || Looks.Contains(parsed.CommandResult.Command.Name)
        || (parsed.CommandResult.Command.Options.Contains(GlobalOptions.DryRun) && parsed.GetValue(GlobalOptions.DryRun));

    public static RootCommand Create()
    {
        RootCommand root = new("Runs SR-IOV virtual functions (VFs): creates and configures them, hands them out, takes them back clean.");
        GlobalOptions.AddTo(root);
        root.Subcommands.Add(PfCommands.Create());
        root.Subcommands.Add(VfCommands.Create());
        root.Subcommands.Add(AttachCommands.CreateAttach());
        root.Subcommands.Add(AttachCommands.CreateDetach());
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(PoolCommands.Create());
        root.Subcommands.Add(AllocateCommand.Create());
        root.Subcommands.Add(ReleaseCommand.Create());
        root.Subcommands.Add(AdoptCommand.Create());
        root.Subcommands.Add(LedgerCommands.Create());
        root.Subcommands.Add(VerifyCommand.Create());
        root.Subcommands.Add(PolicyCommands.CreatePlan());
        root.Subcommands.Add(PolicyCommands.CreateApply());
        root.Subcommands.Add(PolicyCommands.CreateDiff());
        root.Subcommands.Add(DocumentCommands.CreateGet());
        root.Subcommands.Add(DocumentCommands.CreateDelete());
        root.Subcommands.Add(PreflightCommand.Create());
        root.Subcommands.Add(AgentCommand.Create());
        root.Subcommands.Add(StatusCommand.Create());
        root.Subcommands.Add(TopCommand.Create());
        root.Subcommands.Add(StatsCommand.Create());
        root.Subcommands.Add(EventsCommand.Create());
        root.Subcommands.Add(MaintenanceCommand.Create());
        root.Subcommands.Add(ReconcileCommand.Create());
        root.Subcommands.Add(MetricsCommand.Create());
        root.Subcommands.Add(SloCommand.Create());
        root.Subcommands.Add(DashboardsCommand.Create());
        root.Subcommands.Add(CaptureCommand.Create());
        root.Subcommands.Add(TraceCommand.Create());
        root.Subcommands.Add(LabCommand.Create());
        root.Subcommands.Add(UpCommand.Create());
        root.Subcommands.Add(UpCommand.CreateDown());
        root.Subcommands.Add(VersionCommand.Create());
        root.Subcommands.Add(CompletionCommand.Create());
        return root;
    }
}
