namespace Vfleet.Host.Create;

/// <summary>The driver of some of a PF's VFs.</summary>
/// <param name="First">Smallest index.</param>
/// <param name="Last">Largest index, itself included.</param>
/// <param name="Driver">Name of the driver; null for none.</param>
public readonly record struct DriverRange(int First, int Last, string? Driver);
