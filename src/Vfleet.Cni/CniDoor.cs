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
        if (CniWorkload.Read(undo.Owner) is not { Config: { } config } workload)
            return Unit.Done;
        byte[] bytes = Encoding.UTF8.GetBytes(config);
        CniCall call = new() { Command = CniCommand.Del, ContainerId = workload.ContainerId, InterfaceName = workload.InterfaceName };
        if (!ConfigReader.Read(bytes, call).Try(out NetworkConfig? network, out _) || network.IpamType is not { } type)
            return Unit.Done;
        IpamCall del = new("DEL", workload.ContainerId, undo.Owner.NamespacePath ?? "", workload.InterfaceName,
            workload.Arguments ?? "", workload.Path ?? "");
        CniError? kept = await new IpamPlugin(options.IpamDeadline).GiveBackAsync(type, del, bytes, cancel).ConfigureAwait(false);
        return kept is null ? Unit.Done : Fault.Unsupported(kept.Message, kept.Details, null, undo.Allocation);
    }
}
