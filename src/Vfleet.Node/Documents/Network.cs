using Vfleet.Host.Settings;

namespace Vfleet.Node.Documents;

/// <summary>
/// Settings a VF of a resource gets when it is attached by this network's name: <c>SriovNetwork</c> of the SR-IOV operator.
/// </summary>
public sealed record Network : Document
{
    /// <inheritdoc/>
    public override string ApiVersion => KindNames.OperatorGroup + "/v1";

    /// <inheritdoc/>
    public override string Kind => KindNames.Network;

    /// <inheritdoc/>
    public override string ResourceName => Spec.ResourceName;

    /// <summary>What is wanted.</summary>
    public NetworkSpec Spec { get; init; } = new();
}

/// <summary>What a <see cref="Network"/> wants; null leaves a setting as it is.</summary>
public sealed record NetworkSpec
{
    /// <summary>Namespace of the network in a cluster.</summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>The resource VFs are taken from.</summary>
    public string ResourceName { get; init; } = "";

    /// <summary>What the CNI plugin may be told at run time, as JSON.</summary>
    public string? Capabilities { get; init; }

    /// <summary>Configuration of the plugin that gives addresses, as JSON.</summary>
    public string? Ipam { get; init; }

    /// <summary>What a VF is set to.</summary>
    public VfSettings Settings { get; init; } = new();

    /// <summary>CNI plugins that follow, as JSON.</summary>
    public string? MetaPlugins { get; init; }

    /// <summary>Log level of the CNI plugin.</summary>
    public string? LogLevel { get; init; }

    /// <summary>Log file of the CNI plugin.</summary>
    public string? LogFile { get; init; }
}
