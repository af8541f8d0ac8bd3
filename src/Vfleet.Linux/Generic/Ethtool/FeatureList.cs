namespace Vfleet.Linux.Generic.Ethtool;

/// <summary>The features of an interface.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="Features">By the kernel's number.</param>
public sealed record FeatureList(string Interface, IReadOnlyList<Feature> Features);
