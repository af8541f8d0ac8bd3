using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Host.Create;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet vf create</c> and <c>vfleet vf delete</c>: both change a PF's number of VFs.</summary>
internal static class VfCreateCommand
{
    public static Command Create()
    {
        Argument<string> pf = new("PF") { Description = "Interface name, alternative name, or PCI address" };
        Argument<string> count = new("COUNT") { Description = "Number of VFs the PF shall have" };
        Option<string?> driver = new("--driver") { Description = "Driver of the new VFs: a name, native, or none; by default native where the PF is a NIC" };
        Command create = new("create", "Give a PF a number of VFs, bound and ready") { pf, count, driver, GlobalOptions.DryRun, GlobalOptions.Force };
        create.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
            Count(parsed.GetValue(count)!, parsed.GetValue(pf)!).Try(out int wanted, out Fault? fault)
                ? await ChangeAsync(session, parsed, parsed.GetValue(pf)!, wanted, parsed.GetValue(driver), cancel).ConfigureAwait(false)
                : fault));
        return create;
    }

    public static Command CreateDelete()
    {
        Argument<string> pf = new("PF") { Description = "Interface name, alternative name, or PCI address" };
        Command delete = new("delete", "Remove every VF of a PF; refused while one is in use") { pf, GlobalOptions.DryRun, GlobalOptions.Force };
        delete.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, session =>
            ChangeAsync(session, parsed, parsed.GetValue(pf)!, 0, NativeDriver.None, cancel)));
        return delete;
    }

    /// <summary>Digits only, as everywhere on this command line; whether the PF has as many is for the host to say.</summary>
    private static Outcome<int> Count(string text, string pf)
    {
        string digits = text.StartsWith('-') ? text[1..] : text;
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
            return Fault.Usage($"COUNT \"{text}\" is not a number of VFs", "write digits, such as 4", pf);
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count)
            ? count
            : Fault.Usage($"{text} VFs: no PF has as many", "see totalVfs in `vfleet pf show PF`", pf);
    }

    private static async Task<Fault?> ChangeAsync(HostSession session, ParseResult parsed, string pf, int count, string? driver, CancellationToken cancel)
    {
        bool force = parsed.GetValue(GlobalOptions.Force);
        Outcome<CreatePlan> planned = await session.Host.Creator.PlanAsync(pf, count, driver, force, cancel).ConfigureAwait(false);
        if (!planned.Try(out CreatePlan? plan, out Fault? fault))
            return fault;
        if (parsed.GetValue(GlobalOptions.DryRun))
        {
            Show(session, plan);
            return null;
        }
        foreach (string warning in plan.Warnings)
            await Console.Error.WriteLineAsync($"vfleet: warning: {warning}").ConfigureAwait(false);
        if (plan.Destroys.Count > 0 && !session.Confirm($"{plan.Pf.Label}: {plan.Destroys.Count} VFs will be destroyed. Go on?"))
            return Fault.Refused($"{plan.Pf.Label} was not changed", $"{plan.Destroys.Count} VFs would be destroyed, and nobody said yes", "give --yes; --dry-run shows what would be done", plan.Pf.Label);
        string command = count == 0 ? $"vf delete {plan.Pf.Label}" : $"vf create {plan.Pf.Label} {count}";
        Outcome<IReadOnlyList<VirtualFunction>> changed = await ProgressBar.RunAsync(report => session.Host.Creator.ApplyAsync(
            plan, force, step => report(step.Stage, step.Done, step.Total),
            overridden => session.WritesAsync(command, overridden, cancel), cancel))
            .ConfigureAwait(false);
        if (!changed.Try(out IReadOnlyList<VirtualFunction>? vfs, out fault))
            return fault;
        session.Output.List(VfOwners.Of(session.Records, vfs), VfView.Columns, VfView.Json, $"{plan.Pf.Label} has no VFs");
        return null;
    }

    private static void Show(HostSession session, CreatePlan plan)
    {
        if (!session.Output.IsForPeople)
        {
            session.Output.Object(new JsonObject
            {
                ["pf"] = plan.Pf.Label,
                ["from"] = plan.From,
                ["to"] = plan.To,
                ["driver"] = plan.Driver,
                ["destroys"] = new JsonArray([.. plan.Destroys.Select(vf => (JsonNode)vf.Label)]),
                ["inUse"] = new JsonArray([.. plan.InUse.Select(used => (JsonNode)new JsonObject { ["vf"] = used.Vf.Label, ["reason"] = used.Reason })]),
                ["steps"] = new JsonArray([.. plan.Steps.Select(step => (JsonNode)step)]),
                ["warnings"] = new JsonArray([.. plan.Warnings.Select(warning => (JsonNode)warning)]),
            });
            return;
        }
        session.Output.Line(plan.IsEmpty ? $"{plan.Pf.Label} has {plan.To} VFs already; nothing to do" : $"{plan.Pf.Label}: {plan.From} → {plan.To} VFs");
        foreach (string warning in plan.Warnings)
            session.Output.Line($"  warning: {warning}");
        foreach (VirtualFunction vf in plan.Destroys)
            session.Output.Line($"  destroys {vf.Label}{plan.InUse.FirstOrDefault(used => used.Vf.Label == vf.Label) switch { { } used => $", IN USE: {used.Reason}", null => "" }}");
        foreach (string step in plan.Steps)
            session.Output.Line($"  {step}");
    }
}
