using Vfleet.Node.Pools;

namespace Vfleet.Node.Allocation;

/// <summary>
/// How much a VF is wanted before policy is asked; less is better, what stands first weighs most. A degraded VF and one whose PF is
/// down are taken only where no other does, however near they are.
/// </summary>
/// <param name="Degraded">1 for a degraded VF.</param>
/// <param name="Down">1 where its PF is down.</param>
/// <param name="Root">0 under the same root port as the device it is to be near, 1 under the same host bridge, 2 elsewhere.</param>
/// <param name="Numa">0 on the wanted node, 1 on its socket, 2 elsewhere or unknown.</param>
/// <param name="NearNuma">1 where it is not on the node of the device it is to be near.</param>
internal readonly record struct Preference(int Degraded, int Down, int Root, int Numa, int NearNuma) : IComparable<Preference>
{
    public static Preference Of(Candidate candidate, PfLoad? load, AllocationRequest request, PlacementInput input) => new(
        candidate.IsDegraded ? 1 : 0,
        load?.IsUp == false ? 1 : 0,
        input.Near is null ? 0 : RootDistance(candidate.Root, input.Near.Root),
        NumaDistance(candidate, request.NumaNode, input.Sockets),
        input.Near is null || (input.Near.NumaNode is { } node && candidate.NumaNode == node) ? 0 : 1);

    /// <summary>
    /// True where the request's NUMA policy allows the VF at all. Source: the policies required, socket, preferred and legacy of OpenStack
    /// Nova's PCI requests.
    /// </summary>
    public static bool IsAllowed(Candidate candidate, AllocationRequest request, IReadOnlyDictionary<int, int> sockets) =>
        request.NumaNode is null || request.Numa switch
        {
            NumaPolicy.Required => candidate.NumaNode == request.NumaNode,
            NumaPolicy.Socket => NumaDistance(candidate, request.NumaNode, sockets) < 2,
            NumaPolicy.Legacy => candidate.NumaNode is null || candidate.NumaNode == request.NumaNode,
            _ => true,
        };

    public int CompareTo(Preference other) =>
        (Degraded, Down, Root, Numa, NearNuma).CompareTo((other.Degraded, other.Down, other.Root, other.Numa, other.NearNuma));

    private static int NumaDistance(Candidate candidate, int? node, IReadOnlyDictionary<int, int> sockets)
    {
        if (node is not { } wanted || candidate.NumaNode == wanted)
            return 0;
        return sockets.TryGetValue(wanted, out int socket) && candidate.Socket == socket ? 1 : 2;
    }

    private static int RootDistance(PcieRoot? root, PcieRoot? near) => root is null || near is null ? 2
        : root == near ? 0
        : root.HostBridge == near.HostBridge ? 1
        : 2;
}
