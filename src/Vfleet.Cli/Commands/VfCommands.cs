using System.CommandLine;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet vf …</c></summary>
internal static class VfCommands
{
    public static Argument<string> VfArgument() => new("VF") { Description = "PCI address such as 0000:01:10.0, or PF/index" };

    public static Command Create()
    {
        Command vf = new("vf", "Virtual functions");
        vf.Subcommands.Add(CreateList());
        vf.Subcommands.Add(CreateShow());
        vf.Subcommands.Add(VfCreateCommand.Create());
        vf.Subcommands.Add(VfCreateCommand.CreateDelete());
        vf.Subcommands.Add(VfChangeCommands.CreateSet());
        vf.Subcommands.Add(VfChangeCommands.CreateBind());
        vf.Subcommands.Add(VfChangeCommands.CreateReset());
        return vf;
    }

    private static Command CreateList()
    {
        Argument<string?> pfName = new("PF") { Description = "Only the VFs of this PF", Arity = ArgumentArity.ZeroOrOne };
        Command list = new("list", "List VFs with their settings and where they are") { pfName };
        list.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            Outcome<IReadOnlyList<VirtualFunction>> read = parsed.GetValue(pfName) is { } name
                ? await session.Host.ListVfsAsync(name, cancel).ConfigureAwait(false)
                : await session.Host.Inventory.ListVfsAsync(cancel: cancel).ConfigureAwait(false);
            if (!read.Try(out IReadOnlyList<VirtualFunction>? vfs, out Fault? fault))
                return fault;
            session.Output.List(VfOwners.Of(session.Records, vfs), VfView.Columns, VfView.Json,
                "no VFs; create some with `vfleet vf create PF COUNT`");
            return null;
        }));
        return list;
    }

    private static Command CreateShow()
    {
        Argument<string> name = VfArgument();
        Command show = new("show", "Show everything about a VF") { name };
        show.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            Outcome<VfAmongSiblings> found = await session.Host.FindVfAsync(parsed.GetValue(name)!, cancel).ConfigureAwait(false);
            if (!found.Try(out VfAmongSiblings? place, out Fault? fault))
                return fault;
            System.Text.Json.Nodes.JsonObject json = VfView.Json(VfOwners.Of(session.Records, [place.Vf])[0]);
            PciView.AddTo(json, session.Kernel, place.Vf.Address);
            session.Output.Object(json);
            return null;
        }));
        return show;
    }
}
