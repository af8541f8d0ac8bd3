using Vfleet.Cni.Commands;
using Vfleet.Host;
using Vfleet.Host.Inventory;
using Vfleet.Host.Usage;

namespace Vfleet.Cni.Upgrade;

/// <summary>
/// Whether a VF is still that of the attachment whose cache names it. The plugin before leaves its files where a container ended without
/// DEL, and gives the VF to the next one all the same.
/// </summary>
/// <param name="run">The call.</param>
internal sealed class OldHolder(CniRun run)
{
    /// <summary>
    /// Who has the VF instead, in words; null where it is idle on the host, or in the namespace that its mark or the call names.
    /// </summary>
    /// <returns>NotFound where there is no such VF; another fault where it cannot be known.</returns>
    public async Task<Outcome<string?>> StrangerAsync(OldAttachment old, CancellationToken cancel)
    {
        if (!old.Marked().Try(out string? mark, out Fault? fault) || !old.NewerFile(run.Options).Try(out string? newer, out fault))
            return fault;
        if (newer is not null)
            return Outcome<string?>.Of($"{newer} was written for it later");
        using NetworkNamespace? marked = Open(mark), called = Open(run.Call.Namespace);
        if (marked is not null && called is not null && !IsSame(marked, called))
            return Outcome<string?>.Of($"{old.Mark} names {mark}, and the call {run.Call.Namespace}");
        Outcome<VfAmongSiblings> found = await run.Node.Host.FindVfAsync(old.Vf, cancel).ConfigureAwait(false);
        if (!found.Try(out VfAmongSiblings? place, out fault))
            return fault;
        if (place.Vf.NamespacePath is not { } path)
            return await IdleAsync(place.Vf, marked is not null, cancel).ConfigureAwait(false);
        if (!run.Kernel.OpenNamespace(path).Try(out NetworkNamespace? there, out fault))
            return fault;
        using (there)
            return Outcome<string?>.Of((marked ?? called) is { } its && IsSame(its, there) ? null : $"its interface is in {path}");
    }

    /// <summary>What works on a VF on the host; one on vfio-pci may be open there in the container that its mark names.</summary>
    private async Task<Outcome<string?>> IdleAsync(VirtualFunction vf, bool isMarked, CancellationToken cancel)
    {
        // A namespace that could not be found is nobody's answer: who adopts refuses, and the next call asks again.
        if (vf is { IsInterfaceElsewhere: true, Link: null } || (isMarked && KnownDrivers.IsVfio(vf.Driver)))
            return Outcome<string?>.Of(null);
        // The mark is this attachment's own.
        HostOptions unmarked = run.Node.Host.Options with { ForeignMarks = null };
        Outcome<IReadOnlyList<VfInUse>> usage = await new VfUsage(run.Kernel, unmarked).FindAsync([vf], cancel).ConfigureAwait(false);
        return usage.Map(used => used.Count == 0 ? null : used[0].Reason);
    }

    private static bool IsSame(NetworkNamespace one, NetworkNamespace other) => one.Is(other.Inode, other.Cookie) == true;

    /// <summary>A namespace that lives; one that cannot be opened names nobody.</summary>
    private NetworkNamespace? Open(string? path) => string.IsNullOrEmpty(path) ? null : run.Kernel.OpenNamespace(path).Or(null);
}
