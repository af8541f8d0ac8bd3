using Vfleet.Host.Settings;
using Vfleet.Linux;

namespace Vfleet.Host.State;

/// <summary>Where attachment records are kept: files of the state directory, or the node's ledger.</summary>
public interface IAttachmentStore
{
    /// <summary>Every record, sorted by VF.</summary>
    Outcome<IReadOnlyList<AttachmentRecord>> List();

    /// <summary>A VF's record; null where it has none.</summary>
    /// <param name="vf">The VF as it is called: PCI address, or device/index.</param>
    Outcome<AttachmentRecord?> Find(string vf);

    /// <summary>Who holds a VF that has no record, because nothing was changed in the kernel for them yet; null for nobody.</summary>
    /// <param name="vf">The VF as it is called.</param>
    Outcome<string?> HolderOf(string vf) => Outcome<string?>.Of(null);

    /// <summary>
    /// Whether a VF that nobody has is kept ready: then its interface is up for its next owner, and neither that nor frames that pass
    /// tell of use.
    /// </summary>
    /// <param name="vf">The VF as it is called.</param>
    Outcome<bool> IsKeptReady(string vf) => false;

    /// <summary>Whether a VF's MAC was set through its PF by hand: see <see cref="Baseline.IsMacPinned"/>.</summary>
    /// <param name="vf">The VF as it is called.</param>
    Outcome<bool> IsMacPinned(string vf) => false;

    /// <summary>
    /// Told, under its lock, that whoever runs the machine changes a VF by hand: until <see cref="Changed"/> nobody is given it, and nobody
    /// takes the change for tampering.
    /// </summary>
    /// <param name="vf">The VF as it is called.</param>
    /// <param name="usedBy">Who uses it without anybody's knowledge, in words; null for nobody that is seen.</param>
    /// <returns>True where the VF was free and is held for the change; refused where another process works on it.</returns>
    Outcome<bool> Changing(string vf, string? usedBy) => false;

    /// <summary>Told, under the same lock, that the change has ended: what is there now is what has to be.</summary>
    /// <param name="vf">The VF as it is called.</param>
    /// <param name="isHeld">What <see cref="Changing"/> answered.</param>
    /// <param name="now">The VF after it; null where nothing was changed.</param>
    /// <param name="set">What was set; null where the change was of another kind, and all may be otherwise.</param>
    Outcome<Unit> Changed(string vf, bool isHeld, Baseline? now, VfSettings? set) => Unit.Done;

    /// <summary>Writes a record durably.</summary>
    Outcome<Unit> Save(AttachmentRecord record);

    /// <summary>Removes a VF's record durably; success when there is none.</summary>
    Outcome<Unit> Remove(string vf);

    /// <summary>Removes the records of VFs that were destroyed: their successors at the same addresses are others.</summary>
    Outcome<Unit> RemoveMany(IEnumerable<string> vfs);
}
