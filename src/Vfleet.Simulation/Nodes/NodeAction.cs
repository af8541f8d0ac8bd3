using System.Globalization;

namespace Vfleet.Simulation.Nodes;

/// <summary>What happens on a simulated node.</summary>
internal enum NodeActionKind
{
    /// <summary>Somebody asks for a VF and takes it as it is.</summary>
    Allocate,

    /// <summary>Somebody asks for a VF in a namespace, with settings.</summary>
    Attach,

    /// <summary>An allocation is ended.</summary>
    Release,

    /// <summary>A stranger's VF is taken over.</summary>
    Adopt,

    /// <summary>The machine is read thoroughly.</summary>
    Census,

    /// <summary>What the dead left is taken back.</summary>
    Reclaim,

    /// <summary>A namespace is removed, whoever uses it.</summary>
    RemoveNamespace,

    /// <summary>A process that owns VFs ends.</summary>
    EndOwner,

    /// <summary>Somebody moves a free VF into a namespace by hand.</summary>
    StrangerTakes,

    /// <summary>And brings it back, or lets the namespace die.</summary>
    StrangerLeaves,

    /// <summary>Somebody changes the number of VFs by hand.</summary>
    Recount,

    /// <summary>The machine boots.</summary>
    Reboot,

    /// <summary>Faults end, and a fresh process puts everything right.</summary>
    Rest,

    /// <summary>A pool's rule says how many VFs are kept ready, and a process keeps them so.</summary>
    Prewarm,

    /// <summary>Somebody applies a policy that wants so many VFs.</summary>
    Apply,

    /// <summary>An agent looks at everything: it repairs, tunes, keeps VFs ready and the machine as documents say.</summary>
    Pass,

    /// <summary>Two processes work at once: an agent or somebody who applies documents, and a front door.</summary>
    Meeting,
}

/// <summary>One action of a plan. Its numbers mean something in every state, so that a plan stays one when actions are taken out.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Pick">Which of the things it may be done to.</param>
/// <param name="Variant">In which way.</param>
/// <param name="Crash">Where its process dies; null where it does not.</param>
/// <param name="Fault">What the kernel does wrong from then on, in the words of the fault schedule; null for nothing.</param>
internal sealed record NodeAction(NodeActionKind Kind, int Pick, int Variant, CrashPoint? Crash, string? Fault)
{
    public override string ToString()
    {
        string crash = Crash is null ? "" : string.Create(CultureInfo.InvariantCulture, $", dies at {(Crash.OnlyChanges ? "change" : "operation")} {Crash.At}");
        return string.Create(CultureInfo.InvariantCulture, $"{Kind} {Pick}/{Variant}{crash}{(Fault is null ? "" : $", fault {Fault}")}");
    }
}

/// <summary>A machine and what happens on it.</summary>
/// <param name="Profile">The kind of machine.</param>
/// <param name="Vfs">Its VFs.</param>
/// <param name="Actions">What happens, in order.</param>
internal sealed record NodePlan(string Profile, int Vfs, IReadOnlyList<NodeAction> Actions)
{
    private static readonly string[] Profiles = ["igb", "mlx5", "ixgbe"];

    /// <summary>Faults of which every one ends in a refusal that somebody has to put up with.</summary>
    private static readonly string[] Faults = ["busy", "reset-failure", "truncated-reply", "dump-interrupted", "message-too-long", "msix-exhausted"];

    /// <summary>How often each kind happens, in order of <see cref="NodeActionKind"/>.</summary>
    private static readonly int[] Weights = [4, 8, 6, 2, 2, 2, 2, 2, 3, 2, 1, 1, 2, 5, 3, 5, 4];

    /// <summary>The plan of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="steps">Actions.</param>
    /// <param name="last">The last kind there is: a seed stays the plan it was when kinds are added.</param>
    public static NodePlan Of(ulong seed, int steps, NodeActionKind last = NodeActionKind.Meeting)
    {
        int[] weights = Weights[..((int)last + 1)];
        SeededNumbers numbers = new(seed);
        string profile = Profiles[numbers.Below(Profiles.Length)];
        int vfs = 1 + numbers.Below(3);
        return new NodePlan(profile, vfs, [.. Enumerable.Range(0, steps).Select(_ => Draw(numbers, weights))]);
    }

    private static NodeAction Draw(SeededNumbers numbers, int[] weights)
    {
        int at = numbers.Below(weights.Sum()), kind = 0;
        while (at >= weights[kind])
            at -= weights[kind++];
        CrashPoint? crash = null;
        if (numbers.OneIn(3))
            crash = numbers.OneIn(4) ? new CrashPoint(false, numbers.Below(250)) : new CrashPoint(true, numbers.Below(40));
        string? fault = numbers.OneIn(5)
            ? string.Create(CultureInfo.InvariantCulture, $"{Faults[numbers.Below(Faults.Length)]}*{1 + numbers.Below(3)}+{numbers.Below(12)}") : null;
        return new NodeAction((NodeActionKind)kind, numbers.Below(64), numbers.Below(64), crash, fault);
    }
}
