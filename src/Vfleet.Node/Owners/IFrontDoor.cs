using Vfleet.Node.Ledger;

namespace Vfleet.Node.Owners;

/// <summary>A way by which workloads get VFs, such as a container engine: only it knows whether one of its workloads lives.</summary>
public interface IFrontDoor
{
    /// <summary>Its name in the ledger, such as <c>docker</c>.</summary>
    string Name { get; }

    /// <summary>Asks whether a workload lives.</summary>
    /// <param name="owner">An owner of kind <see cref="OwnerKind.Workload"/> with its own words in <see cref="Owner.Workload"/>.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>A fault where it cannot be asked, as when its engine is not running: that is never taken for death.</returns>
    ValueTask<Outcome<Life>> IsAliveAsync(Owner owner, CancellationToken cancel);

    /// <summary>Undoes what it did itself for an allocation whose owner is gone, such as a network it made; VFs are not its part.</summary>
    /// <param name="undo">What it was for.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>Success too where nothing is left to undo: it may be asked again after a crash.</returns>
    ValueTask<Outcome<Unit>> UndoAsync(FrontDoorUndo undo, CancellationToken cancel);
}

/// <summary>An allocation that ends without the front door having ended it.</summary>
/// <param name="Allocation">The allocation's id in the ledger.</param>
/// <param name="Owner">Whom it was for.</param>
/// <param name="Vfs">The VFs as they are called.</param>
public sealed record FrontDoorUndo(string Allocation, Owner Owner, IReadOnlyList<string> Vfs);
