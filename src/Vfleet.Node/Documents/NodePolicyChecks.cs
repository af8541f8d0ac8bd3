using Vfleet.Linux.Generic.Devlink;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>
/// Rules between the fields of one policy: those of the operator's admission webhook, so that a policy that passes here passes there.
/// </summary>
internal static class NodePolicyChecks
{
    /// <summary>Tells of every rule the policy breaks.</summary>
    public static void Check(NodePolicy policy, Reading reading)
    {
        NodePolicySpec spec = policy.Spec;
        if (reading.IsWhole("spec.nicSelector") && spec.NicSelector.IsEmpty)
            reading.ProblemAt("spec.nicSelector", "spec.nicSelector is empty and matches nothing",
                "write at least one of pfNames, rootDevices, vendor, deviceID, netFilter");
        CheckProvision(policy, reading);
        CheckRanges(policy, reading);
        CheckModes(spec, reading);
        if (spec.ResourceName.Contains('-', StringComparison.Ordinal)
            && reading.Places.TryGetValue("spec.resourceName", out DocumentNode? name))
            reading.Note(NoteKind.Warning, name,
                $"spec.resourceName: the operator's webhook refuses the - in {spec.ResourceName}; write _ where it is for a cluster too");
        if (spec.NicSelector.NetFilter is not null && reading.Places.TryGetValue("spec.nicSelector.netFilter", out DocumentNode? filter))
            reading.Note(NoteKind.Warning, filter,
                "spec.nicSelector.netFilter: networks of clouds are not known here, so this policy matches no PF");
    }

    private static void CheckProvision(NodePolicy policy, Reading reading)
    {
        if (policy.Metadata.Annotations.TryGetValue(NodePolicy.ProvisionAnnotation, out string? provision) && provision != "max")
            reading.ProblemAt($"metadata.annotations[\"{NodePolicy.ProvisionAnnotation}\"]",
                $"annotation {NodePolicy.ProvisionAnnotation}: \"{Quoted.Short(provision)}\" is not max",
                    "write max, or remove the annotation");
    }

    private static void CheckRanges(NodePolicy policy, Reading reading)
    {
        foreach ((string field, IReadOnlyList<PfPart> parts) in new[] { ("pfNames", policy.Spec.NicSelector.PfNames),
            ("rootDevices", policy.Spec.NicSelector.RootDevices) })
        {
            Dictionary<string, VfOwners> seen = new(StringComparer.Ordinal);
            for (int i = 0; i < parts.Count; i++)
            {
                string path = $"spec.nicSelector.{field}[{i}]";
                PfPart part = parts[i];
                // With provision: max the device has more VFs than this policy counts.
                if (!policy.ProvisionsAll && reading.IsWhole("spec.numVfs") && part.Ranges.Any(range => range.Last >= policy.Spec.NumVfs))
                    reading.ProblemAt(path, $"{path}: {part} reaches beyond the {policy.Spec.NumVfs} VFs of spec.numVfs",
                        $"raise numVfs to {part.Ranges.Max(range => range.Last) + 1}, or make the range shorter");
                if (!seen.TryGetValue(part.Pf, out VfOwners? taken))
                    seen[part.Pf] = taken = new VfOwners();
                IReadOnlyList<IndexRange> ranges = part.Ranges.Count > 0 ? part.Ranges : IndexRanges.UpTo(ushort.MaxValue);
                if (ranges.Sum(range => taken.Claim(range, 0).Count) > 0)
                    reading.ProblemAt(path, $"{path}: {part} names VFs that are named already", "remove what is there twice");
            }
        }
    }

    private static void CheckModes(NodePolicySpec spec, Reading reading)
    {
        bool isSwitchdev = spec.EswitchMode == EswitchMode.Switchdev;
        bool knowsSwitchdev = reading.IsWhole("spec.eSwitchMode");
        if (spec.DeviceType == VfDeviceType.VfioPci && spec.IsRdma == true)
            reading.ProblemAt("spec.isRdma", "spec.isRdma: a VF on vfio-pci has no RDMA device on the host",
                "write deviceType: netdevice, or isRdma: false");
        if (isSwitchdev && spec.LinkType == PfLinkType.InfiniBand)
            reading.ProblemAt("spec.eSwitchMode", "spec.eSwitchMode: switchdev is for Ethernet only, and linkType is InfiniBand",
                "write eSwitchMode: legacy, or linkType: eth");
        if (spec.VdpaType is not null && spec.DeviceType == VfDeviceType.VfioPci)
            reading.ProblemAt("spec.vdpaType", "spec.vdpaType: a vDPA device needs the VF's native driver, and deviceType is vfio-pci",
                "write deviceType: netdevice, or remove vdpaType");
        if (spec.VdpaType is not null && knowsSwitchdev && !isSwitchdev)
            reading.ProblemAt("spec.vdpaType", "spec.vdpaType: a vDPA device needs the NIC in switchdev mode",
                "write eSwitchMode: switchdev, or remove vdpaType");
        if (spec.Bridge?.Ovs is not null && knowsSwitchdev && !isSwitchdev)
            reading.ProblemAt("spec.bridge", "spec.bridge: a software bridge needs the NIC in switchdev mode",
                "write eSwitchMode: switchdev, or remove bridge");
        if (spec.Bridge?.Ovs is not null && spec.ExternallyManaged == true)
            reading.ProblemAt("spec.bridge", "spec.bridge: the PF is somebody else's, as externallyManaged says",
                "remove bridge, or write externallyManaged: false");
    }
}
