using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Host;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet vf set</c>, <c>bind</c> and <c>reset</c>.</summary>
internal static class VfChangeCommands
{
    public static Command CreateSet()
    {
        Argument<string> name = VfCommands.VfArgument();
        SettingsOptions settings = new();
        Command set = new("set", "Change a VF's settings: all that are given, or none") { name, GlobalOptions.DryRun, GlobalOptions.Force };
        settings.AddTo(set);
        set.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            if (!settings.Read(parsed).Try(out VfSettings? wanted, out Fault? fault))
                return fault;
            if (wanted.IsEmpty)
                return Fault.Usage("nothing to set", "give at least one setting; see `vfleet vf set --help`");
            string vf = parsed.GetValue(name)!;
            bool force = parsed.GetValue(GlobalOptions.Force);
            bool dryRun = parsed.GetValue(GlobalOptions.DryRun);
            // The ledger has to know the VF: that a MAC was set by hand is told by no reading of some drivers.
            if (wanted.Mac is not null && !dryRun && await session.KnowVfsAsync(cancel).ConfigureAwait(false) is { } unknown)
                return unknown;
            Outcome<VfInfo> done = await session.Host.SetAsync(
                vf, wanted, force, dryRun, overridden => session.WritesAsync($"vf set {vf}", overridden, cancel), cancel)
                .ConfigureAwait(false);
            if (done.Fault is not null)
                return done.Fault;
            return await ShowAsync(session, vf, dryRun, cancel).ConfigureAwait(false);
        }));
        return set;
    }

    public static Command CreateBind()
    {
        Argument<string> name = VfCommands.VfArgument();
        Argument<string?> driver = new("DRIVER") { Description = "A driver's name, or native", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> unbind = new("--unbind") { Description = "Take the driver off" };
        Command bind = new("bind", "Give a VF another driver") { name, driver, unbind, GlobalOptions.DryRun, GlobalOptions.Force };
        bind.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            string vf = parsed.GetValue(name)!;
            string? wish = parsed.GetValue(driver);
            bool isUnbind = parsed.GetValue(unbind);
            if (isUnbind == wish is not null)
                return Fault.Usage("give either a driver or --unbind", target: vf);
            bool force = parsed.GetValue(GlobalOptions.Force);
            bool dryRun = parsed.GetValue(GlobalOptions.DryRun);
            Outcome<VirtualFunction> done = await session.Host.BindAsync(vf, wish ?? NativeDriver.None, force, dryRun,
                overridden => session.WritesAsync($"vf bind {vf} {wish ?? "--unbind"}", overridden, cancel), cancel).ConfigureAwait(false);
            if (done.Fault is not null)
                return done.Fault;
            return await ShowAsync(session, vf, dryRun, cancel).ConfigureAwait(false);
        }));
        return bind;
    }

    public static Command CreateReset()
    {
        Argument<string[]> names = new("VF") { Description = "PCI addresses, or PF/index", Arity = ArgumentArity.OneOrMore };
        Command reset = new("reset", "Reset VFs, side by side where the kernel can") { names, GlobalOptions.DryRun, GlobalOptions.Force };
        reset.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            string[] vfs = parsed.GetValue(names)!;
            bool force = parsed.GetValue(GlobalOptions.Force);
            bool dryRun = parsed.GetValue(GlobalOptions.DryRun);
            Outcome<IReadOnlyList<ResetResult>> done = await ProgressBar.RunAsync(report => session.Host.ResetAsync(
                vfs, force, dryRun, count => report("reset", count, vfs.Length),
                overridden => session.WritesAsync($"vf reset {string.Join(' ', vfs)}", overridden, cancel), cancel)).ConfigureAwait(false);
            if (!done.Try(out IReadOnlyList<ResetResult>? results, out Fault? fault))
                return fault;
            session.Output.List(results, ResetColumns, ResetJson, "nothing to reset");
            return Failure(results);
        }));
        return reset;
    }

    private static readonly IReadOnlyList<Column<ResetResult>> ResetColumns =
    [
        new("VF", result => result.Address.ToString()),
        new("WAY", result => result.Way.ToString().ToLowerInvariant()),
        new("RESULT", result => result.Outcome.Fault?.Error ?? "ok"),
    ];

    private static JsonObject ResetJson(ResetResult result) => new()
    {
        ["bdf"] = result.Address.ToString(),
        ["way"] = result.Way.ToString().ToLowerInvariant(),
        ["ok"] = result.Outcome.Succeeded,
        ["error"] = result.Outcome.Fault?.Error,
    };

    private static Fault? Failure(IReadOnlyList<ResetResult> results)
    {
        int failed = results.Count(result => !result.Outcome.Succeeded);
        return failed == 0
            ? null
            : results.First(result => !result.Outcome.Succeeded).Outcome.Fault! with { Error = string.Create(CultureInfo.InvariantCulture, $"{failed} of {results.Count} VFs were not reset") };
    }

    private static async Task<Fault?> ShowAsync(HostSession session, string name, bool dryRun, CancellationToken cancel)
    {
        if (dryRun)
        {
            session.Output.Done($"{name}: this would be done; nothing was changed", new JsonObject { ["vf"] = name, ["dryRun"] = true });
            return null;
        }
        Outcome<VfAmongSiblings> read = await session.Host.FindVfAsync(name, cancel).ConfigureAwait(false);
        if (!read.Try(out VfAmongSiblings? place, out Fault? fault))
            return fault;
        if (place.Vf is { IsMacPending: true, Link: { } link })
        {
            await Console.Error.WriteLineAsync(
                $"vfleet: warning: {link.Name} keeps {link.Mac} until its driver is bound anew: "
                + $"`vfleet vf bind {place.Vf.Label} --unbind`, then `vfleet vf bind {place.Vf.Label} native`").ConfigureAwait(false);
        }
        IReadOnlyList<VfRow> row = VfOwners.Of(session.Records, [place.Vf]);
        if (session.Output.IsForPeople)
            session.Output.List(row, VfView.Columns, VfView.Json, "");
        else
            session.Output.Object(VfView.Json(row[0]));
        return null;
    }
}
