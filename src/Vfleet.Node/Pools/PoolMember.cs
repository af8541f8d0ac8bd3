using Vfleet.Host.Inventory;

namespace Vfleet.Node.Pools;

/// <summary>A VF with the one pool it is in.</summary>
/// <param name="Vf">The VF.</param>
/// <param name="Pool">Its pool.</param>
public sealed record PoolMember(VirtualFunction Vf, PoolDefinition Pool);

/// <summary>A VF that is in another pool than it was.</summary>
/// <param name="Vf">The VF as it is called now.</param>
/// <param name="From">The pool it was in.</param>
/// <param name="To">The pool it is in.</param>
public sealed record PoolMove(string Vf, string From, string To)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Vf}: {From} -> {To}";
}

/// <summary>A PF that a definition names and this machine has not, or not under that name.</summary>
/// <param name="Pool">The pool whose definition names it.</param>
/// <param name="Origin">Where it was said.</param>
/// <param name="Part">The name.</param>
public sealed record UnknownPf(string Pool, string Origin, PfPart Part)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Origin}: pool {Pool} names the PF {Part}, which is not on this machine";
}
