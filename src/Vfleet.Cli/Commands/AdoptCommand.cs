using System.CommandLine;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet adopt</c>: gives a VF that somebody put to use by hand an owner in the ledger.</summary>
internal static class AdoptCommand
{
    public static Command Create()
    {
        Argument<string> vf = VfCommands.VfArgument();
        OwnerOptions owner = new();
        Command adopt = new("adopt", "Give a VF that was put to use by hand an owner; nothing is changed in the kernel") { vf };
        owner.AddNamesTo(adopt);
        adopt.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            if (owner.Name(parsed) is not { } name)
                return Fault.Usage("whose is it?", "give --owner");
            if (!OwnerIdentity.OfName(name).Try(out Owner? whom, out Fault? fault) || !session.Node().Try(out LocalNode? node, out fault))
                return fault;
            Outcome<LedgerAllocation> adopted = await node.AdoptAsync(parsed.GetValue(vf)!, whom, owner.Tenant(parsed), cancel: cancel)
                .ConfigureAwait(false);
            return await AllocationView.PrintAsync(session.Output, node, adopted,
                (allocation, _) => $"{allocation.Id}: {allocation.Vfs[0].Vf} belongs to {name} now", cancel).ConfigureAwait(false);
        }));
        return adopt;
    }
}
