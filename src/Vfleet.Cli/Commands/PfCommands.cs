using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet pf …</c></summary>
internal static class PfCommands
{
    public static Command Create()
    {
        Command pf = new("pf", "Physical functions: the devices that can have VFs");
        pf.Subcommands.Add(CreateList());
        pf.Subcommands.Add(CreateShow());
        return pf;
    }

    private static Command CreateList()
    {
        Command list = new("list", "List PFs");
        list.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            Outcome<IReadOnlyList<PhysicalFunction>> read = await session.Host.Inventory.ListPfsAsync(VfDetail.None, cancel).ConfigureAwait(false);
            if (!read.Try(out IReadOnlyList<PhysicalFunction>? pfs, out Fault? fault))
                return fault;
            IReadOnlyList<PhysicalFunction> detailed = await FirmwareReader.CompleteAsync(session.Kernel, pfs, cancel).ConfigureAwait(false);
            session.Output.List(PfRow.Of(session.Kernel, detailed), PfView.Columns, PfView.Json,
                "no PF with SR-IOV here; `vfleet preflight` tells why, and `vfleet up` shows one in the lab");
            return null;
        }));
        return list;
    }

    private static Command CreateShow()
    {
        Argument<string> name = new("PF") { Description = "Interface name, alternative name, or PCI address" };
        Command show = new("show", "Show everything about a PF") { name };
        show.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            Outcome<PhysicalFunction> found = await session.Host.FindPfAsync(parsed.GetValue(name)!, cancel).ConfigureAwait(false);
            if (!found.Try(out PhysicalFunction? pf, out Fault? fault))
                return fault;
            IReadOnlyList<PhysicalFunction> detailed = await FirmwareReader.CompleteAsync(session.Kernel, [pf], cancel).ConfigureAwait(false);
            JsonObject json = PfView.Json(PfRow.Of(session.Kernel, detailed)[0]);
            PciView.AddTo(json, session.Kernel, pf.Address);
            session.Output.Object(json);
            return null;
        }));
        return show;
    }
}
