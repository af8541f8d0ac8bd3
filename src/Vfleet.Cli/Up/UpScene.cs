using System.Net;
using Vfleet.Host.Inventory;
using Vfleet.Linux.Route;

namespace Vfleet.Cli.Up;

/// <summary>One workload of the scene.</summary>
/// <param name="Namespace">Its network namespace.</param>
/// <param name="Vlan">Its VLAN.</param>
/// <param name="Address">Its address; all are of one subnet, so that only the VLAN keeps them apart.</param>
/// <param name="Mac">Its MAC, locally administered.</param>
internal sealed record Workload(string Namespace, int Vlan, IPNetworkAddress Address, MacAddress Mac);

/// <summary>What <c>vfleet up</c> shows: two workloads that may talk, and a third that may not.</summary>
internal static class UpScene
{
    public const string InterfaceName = "eth0";

    /// <summary>VFs created on a PF that has too few, where it allows as many.</summary>
    private const int Vfs = 7;

    public static readonly Workload Blue = Of("vfleet-blue", 100, 1);
    public static readonly Workload Green = Of("vfleet-green", 100, 2);
    public static readonly Workload Red = Of("vfleet-red", 200, 3);

    public static readonly IReadOnlyList<Workload> Workloads = [Blue, Green, Red];

    /// <summary>The VFs a PF gets.</summary>
    public static int VfsOn(PhysicalFunction pf) => Math.Min(Vfs, pf.TotalVfs ?? Workloads.Count);

    private static Workload Of(string name, int vlan, byte number) =>
        new(name, vlan, new IPNetworkAddress(new IPAddress([10, 90, 0, number]), 24), new MacAddress(0x02f1_e700_0000UL + number));
}
