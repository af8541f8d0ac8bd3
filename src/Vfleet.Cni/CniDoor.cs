using System.Text;
using Vfleet.Cni.Config;
using Vfleet.Cni.Ipam;
using Vfleet.Cni.Protocol;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Cni;

/// <summary>
/// What the node asks of CNI. An attachment's owner is its network namespace, so whether it lives needs no asking here; what is undone here
/// is the address, which no runtime gives back for a container that is gone.
/// </summary>
/// <param name="options">Deadlines.</param>
public sealed class CniDoor(CniOptions options) : IFrontDoor
{
    /// <inheritdoc/>
    public string Name => CniWorkload.FrontDoor;

    /// <inheritdoc/>
    public ValueTask<Outcome<Life>> IsAliveAsync(Owner owner, CancellationToken cancel) =>
        new(Outcome<Life>.Of(Life.Unknown("the owner of a CNI attachment is a namespace")));

    /// <inheritdoc/>
    public async ValueTask<Outcome<Unit>> UndoAsync(FrontDoorUndo undo, CancellationToken cancel)
    {
        if (undo.Owner.Workload is null)
            return Unit.Done;
        if (CniWorkload.Read(undo.Owner) is not { } workload)
            return Unreadable(undo, "its words are of a later version, or damaged");
        if (workload.Config is not { } config)
            return Unit.Done;
        byte[] bytes = Encoding.UTF8.GetBytes(config);
        CniCall call = new() { Command = CniCommand.Del, ContainerId = workload.ContainerId, InterfaceName = workload.InterfaceName };
        if (!ConfigReader.Read(bytes, call).Try(out NetworkConfig? network, out CniError? wrong))
            return Unreadable(undo, wrong.Message);
        if (network.IpamType is not { } type)
            return Unit.Done;
        IpamCall del = new("DEL", workload.ContainerId, undo.Owner.NamespacePath ?? "", workload.InterfaceName,
            workload.Arguments ?? "", workload.Path ?? "");
        CniError? kept = await new IpamPlugin(options.IpamDeadline).GiveBackAsync(type, del, bytes, cancel).ConfigureAwait(false);
        return kept is null ? Unit.Done : Fault.Unsupported(kept.Message, kept.Details, null, undo.Allocation);
    }

    private static Fault Unreadable(FrontDoorUndo undo, string why) => Fault.Unsupported(
        $"the address of allocation {undo.Allocation} cannot be given back: the call that made it cannot be read", why,
        "update vfleet where a later version wrote it; the address plugin's own store tells whose the address is", undo.Allocation);
}
