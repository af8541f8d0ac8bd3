using Vfleet.Linux;

namespace Vfleet.Host.Preflight;

/// <summary>
/// Without ARI a port passes on functions 0 to 7 of the bus below it; a VF with a higher number on the PF's own bus does not answer.
/// Source: PCI Express base specification 6.13; pci_configure_ari in drivers/pci/pci.c.
/// </summary>
internal static class AriCheck
{
    private const string Check = "ari";
    private const int FunctionsWithoutAri = 8;

    public static IEnumerable<PreflightFinding> Find(PfFacts facts)
    {
        if (facts is not { Pf: { Address: { } pf, TotalVfs: > 0 and { } total }, Bridge.Express: { } port })
            yield break;
        if (port.ForwardsAri)
        {
            yield return PreflightFinding.Ok(facts.Label, Check, "on");
            yield break;
        }
        int[] lost = [.. Enumerable.Range(0, total).Where(index =>
            facts.AddressOf(index) is { } vf && vf.Bus == pf.Bus && (vf.RoutingId & 0xff) >= FunctionsWithoutAri)];
        if (lost.Length == 0)
            yield break;
        PciAddress bridge = facts.Bridges[0];
        yield return PreflightFinding.Blocked(facts.Label, Check, $"ARI is off: {lost.Length} of {total} VFs of {facts.Label} cannot be reached, from VF {lost[0]} on",
            facts.Details?.Config is { IsComplete: true, Ari: null }
                ? $"{facts.Pf.DeviceName} has no ARI capability"
                : port.CanForwardAri ? $"bridge {bridge} can forward ARI and does not" : $"bridge {bridge} cannot forward ARI",
            port.CanForwardAri ? "switch ARI on in the firmware setup, and leave out pci=noari" : "use a slot whose port forwards ARI, or ask for fewer VFs");
    }
}
