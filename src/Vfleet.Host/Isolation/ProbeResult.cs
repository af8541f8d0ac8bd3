namespace Vfleet.Host.Isolation;

/// <summary>What the device promises, and what was measured.</summary>
/// <param name="Name">Stable name of the probe, such as <c>forged-source</c>.</param>
/// <param name="Promise">What the device says, such as <c>spoof check on</c>.</param>
/// <param name="Expected">What should happen if that is true.</param>
/// <param name="Seen">What happened, in numbers.</param>
/// <param name="Holds">True when it was shown to hold, or nothing is promised.</param>
public sealed record ProbeResult(string Name, string Promise, string Expected, string Seen, bool Holds)
{
    /// <summary>As one line.</summary>
    public override string ToString() => $"{Name}: {Promise}; expected {Expected}, seen {Seen}: {(Holds ? "holds" : "does not hold")}";
}
