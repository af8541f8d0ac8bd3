using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet allocate</c>: holds VFs for an owner that takes them as they are.</summary>
internal static class AllocateCommand
{
    public static Command Create()
    {
        AllocationOptions wishes = new();
        OwnerOptions owner = new();
        Patience patience = new();
        Command allocate = new("allocate", "Hold VFs of a pool for an owner, who takes them as they are") { GlobalOptions.DryRun };
        wishes.AddTo(allocate);
        owner.AddTo(allocate);
        patience.AddTo(allocate);
        allocate.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            if (!(await owner.FindAsync(parsed, session, cancel).ConfigureAwait(false)).Try(out OwnerPlace? whom, out Fault? fault)
                || !wishes.Read(parsed, whom.Owner, owner.Tenant(parsed)).Try(out AllocationRequest? request, out fault)
                || !patience.Read(parsed).Try(out TimeSpan wait, out fault))
                return fault;
            if (parsed.GetValue(GlobalOptions.DryRun))
                return await PlanAsync(session, request, cancel).ConfigureAwait(false);
            if (!session.Node().Try(out LocalNode? node, out fault))
                return fault;
            Outcome<LedgerAllocation> got = await Patience.TryAsync(
                session.Host.Options.Time, wait, () => node.AllocateAsync(request, cancel), cancel).ConfigureAwait(false);
            return await AllocationView.PrintAsync(session.Output, node, got,
                (allocation, json) => $"{allocation.Id}: {Vfs(json)} of pool {allocation.Pool} for {allocation.Owner.Name}", cancel)
                .ConfigureAwait(false);
        }));
        return allocate;
    }

    private static async Task<Fault?> PlanAsync(HostSession session, AllocationRequest request, CancellationToken cancel)
    {
        if (!session.NodeToLookAt().Try(out LocalNode? node, out Fault? fault))
            return fault;
        Outcome<IReadOnlyList<PoolMember>> planned = await node.PlanAsync(request, cancel).ConfigureAwait(false);
        if (!planned.Try(out IReadOnlyList<PoolMember>? members, out fault))
            return fault;
        LedgerAllocation draft = new()
        {
            Id = "",
            Pool = members[0].Pool.Name,
            Owner = request.Owner,
            Tenant = request.Tenant,
            FrontDoor = node.Ledger.Actor.FrontDoor,
            Vfs = [],
            RequestedAt = default,
        };
        JsonObject json = AllocationView.Planned(draft, members.Select(member => member.Vf));
        session.Output.Done($"{Vfs(json)} of pool {draft.Pool} would be held for {draft.Owner.Name}; nothing was changed", json);
        return null;
    }

    private static string Vfs(JsonObject json) => string.Join(", ", json["vfs"]!.AsArray().Select(vf =>
    {
        JsonNode? device = vf!["vfioDevice"] ?? vf["netdev"];
        string more = device is null ? $"{vf["vf"]}" : $"{vf["vf"]}, {device}";
        return vf["bdf"] is { } address ? $"{address} ({more})" : more;
    }));
}
