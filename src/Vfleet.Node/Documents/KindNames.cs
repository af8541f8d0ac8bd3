namespace Vfleet.Node.Documents;

/// <summary>Groups and kinds as documents name them.</summary>
internal static class KindNames
{
    public const string OperatorGroup = "sriovnetwork.openshift.io";
    public const string OwnGroup = "vfleet.dev";
    public const string NodePolicy = "SriovNetworkNodePolicy";
    public const string Network = "SriovNetwork";
    public const string PoolPolicy = "PoolPolicy";

    /// <summary>Kinds of the operator that configure the operator itself or other plugins, and so are none of ours.</summary>
    public static readonly string[] Foreign =
        ["SriovNetworkNodeState", "SriovIBNetwork", "OVSNetwork", "SriovNetworkPoolConfig", "SriovOperatorConfig"];
}
