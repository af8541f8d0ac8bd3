using Vfleet.Cni;
using Vfleet.Node.Owners;

namespace Vfleet.Cli.Session;

/// <summary>The front doors of this build: whoever takes a VF back undoes their part too.</summary>
internal static class Doors
{
    /// <summary>All of them.</summary>
    public static FrontDoors All() => new(new CniDoor(new CniOptions()));
}
