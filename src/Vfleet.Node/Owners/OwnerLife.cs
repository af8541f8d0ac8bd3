using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Host.State;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Owners;

/// <summary>
/// Tells whether owners live. Paths, process numbers and inodes are given again, so each is compared with what cannot be: a namespace's
/// cookie, a process's start, the boot. Whatever cannot be looked at is unknown, never dead. Nothing is held open.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="doors">Who is asked for workloads.</param>
/// <param name="timer">How long a front door may take to answer.</param>
public sealed class OwnerLife(IKernel kernel, FrontDoors doors, ReadTimer timer)
{
    /// <summary>Whether an owner lives.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="frontDoor">The front door of its allocation, for a workload.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public ValueTask<Life> AskAsync(Owner owner, string? frontDoor = null, CancellationToken cancel = default) =>
        AskAsync(owner, frontDoor, new NamespaceCensus(kernel), cancel);

    /// <summary>Whether owners live, with one look at the machine's namespaces for all of them.</summary>
    /// <returns>One answer for each, in their order.</returns>
    public async ValueTask<IReadOnlyList<Life>> AskManyAsync(
        IReadOnlyList<(Owner Owner, string? FrontDoor)> owners, CancellationToken cancel = default)
    {
        NamespaceCensus census = new(kernel);
        List<Life> lives = new(owners.Count);
        foreach ((Owner owner, string? frontDoor) in owners)
            lives.Add(await AskAsync(owner, frontDoor, census, cancel).ConfigureAwait(false));
        return lives;
    }

    private async ValueTask<Life> AskAsync(Owner owner, string? frontDoor, NamespaceCensus census, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (owner.Kind == OwnerKind.Name)
            return Life.Alive;
        if (owner.BootId is { } boot)
        {
            if (Boot.Id(kernel.Files) is not { } now)
                return Life.Unknown("the id of this boot cannot be read");
            if (boot != now)
                return Life.Dead("the machine was booted since");
        }
        return owner.Kind switch
        {
            OwnerKind.Process => OfProcess(owner),
            OwnerKind.Namespace => OfNamespace(owner, census),
            _ => await OfWorkloadAsync(owner, frontDoor, cancel).ConfigureAwait(false),
        };
    }

    private Life OfProcess(Owner owner)
    {
        if (owner.ProcessId is not { } pid || owner.ProcessStart is not { } recorded)
            return Life.Unknown("its process was recorded without number or start");
        string process = string.Create(CultureInfo.InvariantCulture, $"process {pid}");
        if (!ProcessIdentity.Read(kernel.Files, pid).Try(out long? start, out Fault? fault))
            return Life.Unknown($"{process} cannot be looked at: {fault.Error}");
        if (start is null)
            return Life.Dead($"{process} has ended");
        return start == recorded ? Life.Alive : Life.Dead($"{process} has ended, and another one has its number");
    }

    private Life OfNamespace(Owner owner, NamespaceCensus census)
    {
        if (owner.NamespaceCookie is null && owner.NamespaceInode is null)
            return Life.Unknown("its namespace was recorded without cookie or inode");
        string? doubt = null;
        // Where it was recorded comes first, for it costs one file; then wherever it may have been renamed, moved or mounted to.
        foreach (string path in (owner.NamespacePath is { } known ? [known] : Array.Empty<string>()).Concat(Elsewhere(owner, census)))
        {
            switch (Compare(owner, path, out string? why))
            {
                case true:
                    return Life.AliveAt(path);
                case null:
                    doubt ??= why;
                    break;
            }
        }
        if ((doubt ?? census.Unseen) is { } unseen)
            return Life.Unknown($"its namespace was not found, and not everything could be looked at: {unseen}");
        string place = owner.NamespacePath ?? "its namespace";
        return Life.Dead(kernel.Files.Exists(place)
            ? $"{place} is another namespace now, and its own is nowhere"
            : $"{place} is gone, and the namespace is nowhere else");
    }

    /// <summary>Asked for late: a namespace that is where it was needs no look at the whole machine.</summary>
    private static IEnumerable<string> Elsewhere(Owner owner, NamespaceCensus census)
    {
        foreach (string path in census.Paths(owner.NamespaceInode))
        {
            if (path != owner.NamespacePath)
                yield return path;
        }
    }

    /// <returns>True where the owner's namespace is at the path, false where another or none is, null where it cannot be told.</returns>
    private bool? Compare(Owner owner, string path, out string? why)
    {
        why = null;
        if (!kernel.OpenNamespace(path).Try(out NetworkNamespace? found, out Fault? fault))
        {
            why = fault.Error;
            return fault.Kind is FaultKind.NotFound or FaultKind.Usage ? false : null;
        }
        using (found)
        {
            why = $"the cookie of {path} cannot be read";
            return found.Is(owner.NamespaceInode, owner.NamespaceCookie);
        }
    }

    private async ValueTask<Life> OfWorkloadAsync(Owner owner, string? frontDoor, CancellationToken cancel)
    {
        if (doors.Find(frontDoor) is not { } door)
            return Life.Unknown($"front door {frontDoor ?? "(none)"} is not known here");
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            Outcome<Life> answer = await door.IsAliveAsync(owner, late.Token).AsTask()
                .WaitAsync(timer.Deadline, timer.Time, cancel).ConfigureAwait(false);
            return answer.Try(out Life? life, out Fault? fault) ? life : Life.Unknown($"{door.Name} does not tell: {fault.Error}");
        }
        catch (TimeoutException)
        {
            // An engine that hangs is no dead workload. Whoever waits inside the front door is told to stop.
            await late.CancelAsync().ConfigureAwait(false);
            return Life.Unknown($"{door.Name} did not answer within {timer.Deadline.TotalSeconds:0.###} s");
        }
    }
}
