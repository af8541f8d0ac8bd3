using Vfleet.Host.Attach;
using Vfleet.Host.State;
using Vfleet.Node.Ledger;

namespace Vfleet.Node.Release;

/// <summary>An allocation to end.</summary>
/// <param name="Allocation">Its id.</param>
/// <param name="Reason">Why.</param>
public sealed record ReleaseOrder(string Allocation, string Reason);

/// <summary>What became of the VFs that were taken back.</summary>
/// <param name="Free">Clean and in their pool again.</param>
/// <param name="Quarantined">Failed to become clean, with the evidence.</param>
public sealed record ReleaseResult(IReadOnlyList<string> Free, IReadOnlyList<(string Vf, string Evidence)> Quarantined)
{
    /// <summary>How the host took them back, those that were attached.</summary>
    public IReadOnlyList<DetachResult> Detached { get; init; } = [];

    /// <summary>What did not work out although the VFs are back, such as an address that its front door could not give back yet.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Nothing was to be done.</summary>
    public static readonly ReleaseResult Nothing = new([], []);
}

/// <summary>The clean state of a VF that was never seen clean.</summary>
internal static class FactoryState
{
    /// <summary>What every driver gives a new VF: no VLAN, no rates, not trusted; names and addresses are left.</summary>
    public static Baseline Of(LedgerVf row) => new()
    {
        Driver = row.Record?.Baseline.Driver,
        Vlan = 0,
        VlanQos = 0,
        SpoofCheck = true,
        Trust = false,
        MinTxRateMbps = 0,
        MaxTxRateMbps = 0,
    };
}
