namespace Vfleet.Simulation.Faults;

/// <summary>One fault, switched on.</summary>
/// <param name="Fault">What goes wrong.</param>
public sealed record FaultInjection(SimulatedFault Fault)
{
    /// <summary>BDF, interface, module or path it is limited to; a trailing <c>*</c> matches any rest; null is everything.</summary>
    public string? Target { get; init; }

    /// <summary>How often it strikes; then it is spent.</summary>
    public int Count { get; init; } = int.MaxValue;

    /// <summary>How many matching operations pass unharmed first.</summary>
    public int After { get; init; }

    /// <summary>For the faults that take time.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(2);

    internal bool Matches(string target) => Target is null
        || (Target.EndsWith('*') ? target.StartsWith(Target[..^1], StringComparison.Ordinal) : target == Target);
}
