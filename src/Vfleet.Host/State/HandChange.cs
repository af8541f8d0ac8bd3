using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux;

namespace Vfleet.Host.State;

/// <summary>
/// Changes of VFs by whoever runs the machine: what has to be follows them under the same lock, so that nobody takes them for tampering
/// and puts them back.
/// </summary>
/// <param name="store">Where is kept what has to be.</param>
internal sealed class HandChange(IAttachmentStore store)
{
    /// <summary>Makes a change. The caller holds the locks of the VFs.</summary>
    /// <param name="vfs">The VFs as they are called, each with who uses it without anybody's knowledge.</param>
    /// <param name="work">The change; it is made whole or not at all.</param>
    /// <param name="read">Reads the VFs after it.</param>
    /// <param name="set">What is set; null for a change of another kind.</param>
    /// <returns>What the change gave; a fault too where it was made and could not be written down.</returns>
    public async Task<Outcome<T>> RunAsync<T>(
        IReadOnlyList<(string Vf, string? UsedBy)> vfs, Func<Task<Outcome<T>>> work,
        Func<Task<Outcome<IReadOnlyList<VirtualFunction>>>> read, VfSettings? set = null)
    {
        List<(string Vf, bool IsHeld)> told = [];
        IReadOnlyList<VirtualFunction> now = [];
        Fault? fault = null;
        Outcome<T>? done = null;
        try
        {
            foreach ((string vf, string? usedBy) in vfs)
            {
                if (!store.Changing(vf, usedBy).Try(out bool isHeld, out fault))
                    return fault;
                told.Add((vf, isHeld));
            }
            done = await work().ConfigureAwait(false);
            if (done.Value.Succeeded)
            {
                Outcome<IReadOnlyList<VirtualFunction>> after = await read().ConfigureAwait(false);
                (now, fault) = (after.Or(null) ?? [], after.Fault);
            }
        }
        finally
        {
            foreach ((string vf, bool isHeld) in told)
            {
                Baseline? state = now.FirstOrDefault(each => each.Label == vf) is { } found ? Baseline.Of(found) : null;
                Fault? unwritten = store.Changed(vf, isHeld, state, set).Fault;
                fault ??= unwritten;
            }
        }
        return done.Value.Fault is null && fault is not null ? fault : done.Value;
    }
}
