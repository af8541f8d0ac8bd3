using Vfleet.Host.Inventory;

namespace Vfleet.Host;

/// <summary>A VF with every VF of its PF, itself included.</summary>
public sealed record VfAmongSiblings(VirtualFunction Vf, IReadOnlyList<VirtualFunction> Siblings);
