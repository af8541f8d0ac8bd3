using System.Net;
using Vfleet.Host.Settings;
using Vfleet.Linux.Generic.Devlink;
using Vfleet.Linux.Route;
using Vfleet.Linux.Probes;
using Vfleet.Node.Documents;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Tests.Documents;

public sealed class UnitDocumentReaderTests
{
    [Fact]
    public void EveryFieldOfAPolicyIsRead()
    {
        DocumentSet set = Samples.Read(Samples.FullPolicy);
        Assert.Empty(set.Problems);
        NodePolicy policy = Assert.IsType<NodePolicy>(Assert.Single(set.Documents));
        Assert.Equal(("full", "sriov", true), (policy.Metadata.Name, policy.Metadata.Namespace, policy.ProvisionsAll));
        Assert.Equal("fast", policy.Metadata.Labels["app.kubernetes.io/name"]);
        NodePolicySpec spec = policy.Spec;
        Assert.Equal(("fast", 10, 9000, 8), (spec.ResourceName, spec.Priority, spec.Mtu, spec.NumVfs));
        Assert.Equal("true", spec.NodeSelector["feature.node.kubernetes.io/network-sriov.capable"]);
        Assert.Equal(("8086", "1572", "openstack/NetworkID:3f1c"),
            (spec.NicSelector.Vendor, spec.NicSelector.DeviceId, spec.NicSelector.NetFilter));
        Assert.Equal(["0000:3b:00.0"], spec.NicSelector.RootDevices.Select(part => part.ToString()));
        Assert.Equal(["eth0#0-3", "eth1"], spec.NicSelector.PfNames.Select(part => part.ToString()));
        Assert.Equal((VfDeviceType.NetDevice, PfLinkType.Ethernet, EswitchMode.Switchdev, VdpaType.Virtio),
            (spec.DeviceType, spec.LinkType, spec.EswitchMode, spec.VdpaType));
        Assert.Equal((true, true, true, false), (spec.IsRdma, spec.NeedVhostNet, spec.ExcludeTopology, spec.ExternallyManaged));
        OvsSettings ovs = spec.Bridge!.Ovs!;
        Assert.Equal(("netdev", "secure", "1", "2"),
            (ovs.Bridge!.DatapathType, ovs.Bridge.FailMode, ovs.Bridge.ExternalIds["one"], ovs.Bridge.OtherConfig["two"]));
        OvsInterface uplink = ovs.Uplink!.Interface!;
        Assert.Equal(("dpdk", "3", "4", "5", 9000),
            (uplink.Type, uplink.Options["three"], uplink.ExternalIds["four"], uplink.OtherConfig["five"], uplink.MtuRequest));
    }

    [Fact]
    public void EveryFieldOfANetworkIsRead()
    {
        DocumentSet read = Samples.Read(Samples.FullNetwork);
        Assert.Empty(read.Problems);
        NetworkSpec spec = Assert.IsType<Network>(Assert.Single(read.Documents)).Spec;
        Assert.Equal(("default", "fast", "{\"mac\": true}", "{\"type\": \"rdma\"}"),
            (spec.NetworkNamespace, spec.ResourceName, spec.Capabilities, spec.MetaPlugins));
        Assert.Contains("192.0.2.0/24", spec.Ipam, StringComparison.Ordinal);
        VfSettings set = spec.Settings;
        Assert.Equal((100, 3, VlanProtocol.Dot1Ad, true, false), (set.Vlan, set.VlanQos, set.VlanProtocol, set.SpoofCheck, set.Trust));
        Assert.Equal((VfLinkState.Enable, 100u, 1000u, "debug", "/var/log/sriov.log"),
            (set.LinkState, set.MinTxRateMbps, set.MaxTxRateMbps, spec.LogLevel, spec.LogFile));
    }

    [Fact]
    public void EveryFieldOfAPoolPolicyBecomesARule()
    {
        PoolPolicy policy = Assert.IsType<PoolPolicy>(Assert.Single(Samples.Read(Samples.FullPoolPolicy).Documents));
        Assert.Equal(
            new PoolRules
            {
                Allocation = AllocationPolicy.Spread,
                Scrub = ScrubRule.Settings,
                Prewarm = 2,
                GuaranteedMbps = 100,
                MaximumMbps = 1000,
                GuaranteeablePercent = 80,
                Health = new HealthThresholds
                {
                    Window = TimeSpan.FromMinutes(1),
                    DegradedCarrierLosses = 2,
                    FailedCarrierLosses = 5,
                    DegradedSpoofedPackets = 7,
                    DegradedCorrectableErrors = 9,
                    Recovery = TimeSpan.FromSeconds(10),
                },
                Tuning = new TuningProfile
                {
                    Affinity = InterruptAffinity.Owner,
                    CoalesceRxMicroseconds = 8,
                    CoalesceTxMicroseconds = 16,
                    AdaptiveRx = false,
                    CombinedChannels = 4,
                    RxRing = 1024,
                    TxRing = 2048,
                },
            },
            policy.Spec.ToRules() with { Probes = [] });
        Assert.Equal(new PoolProbe(new ProbeTarget(IPAddress.Parse("2001:db8::1"), ProbeProtocol.Tcp, 443), TimeSpan.FromSeconds(30)),
            Assert.Single(policy.Spec.ToRules().Probes));
    }

    [Fact]
    public void APoolPolicyWithoutRulesIsThePoolsDefaults() =>
        Assert.Equal(new PoolRules(),
            Assert.IsType<PoolPolicy>(Assert.Single(Samples.Read(Samples.PoolPolicy("a")).Documents)).Spec.ToRules());

    [Fact]
    public void JsonIsReadToo()
    {
        DocumentSet set = Samples.Read("""
            {"apiVersion": "vfleet.dev/v1alpha1", "kind": "PoolPolicy", "metadata": {"name": "a"},
             "spec": {"resourceName": "fast", "prewarm": 3}}
            """);
        Assert.Empty(set.Problems);
        Assert.Equal(3, Assert.IsType<PoolPolicy>(Assert.Single(set.Documents)).Spec.Prewarm);
    }

    [Fact]
    public void AListAsKubectlPrintsItIsItsDocuments()
    {
        DocumentSet set = Samples.Read("""
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: vfleet.dev/v1alpha1, kind: PoolPolicy, metadata: {name: a}, spec: {resourceName: one}}
            - {apiVersion: vfleet.dev/v1alpha1, kind: PoolPolicy, metadata: {name: b}, spec: {resourceName: two}}
            """);
        Assert.Empty(set.Problems);
        Assert.Equal(["a", "b"], set.Documents.Select(document => document.Metadata.Name));
    }

    [Fact]
    public void EveryProblemOfEveryDocumentIsToldAtOnce()
    {
        DocumentSet set = DocumentReader.Read(
        [
            ("one.yaml", Samples.Policy("a", "{vendor: 8086}", -1, "mtu: 20", "priorty: 3") + "---\n" + Samples.Network("vlan: 4095",
                "vlanQoS: 8", "trust: maybe")),
            ("two.yaml", Samples.PoolPolicy("c", "bandwidth: {guaranteeablePercent: 0}", "scrub: rest")),
        ]);
        Assert.Equal(
        [
            "one.yaml:6:11: spec.numVfs: -1 is out of range 0 to 65535",
            "one.yaml:7:25: spec.nicSelector.vendor: text was expected, and here is the number 8086",
            "one.yaml:8:8: spec.mtu: 20 is out of range 68 to 65535",
            "one.yaml:9:3: unknown field spec.priorty",
            "one.yaml:16:9: spec.vlan: 4095 is out of range 0 to 4094",
            "one.yaml:17:12: spec.vlanQoS: 8 is out of range 0 to 7",
            "one.yaml:18:10: spec.trust: \"maybe\" is none of on, off",
            "two.yaml:6:37: spec.bandwidth.guaranteeablePercent: 0 is out of range 1 to 100",
            "two.yaml:7:10: spec.scrub: \"rest\" is none of reset, settings",
        ],
            set.Problems.Select(problem => (problem with { Remedy = null }).ToString()));
        Assert.Empty(set.Documents);
        Assert.Equal("did you mean priority?", set.Problems[3].Remedy);
        Assert.Equal("write it in quotes: \"8086\"", set.Problems[1].Remedy);
        Assert.Equal("did you mean reset?", set.Problems[8].Remedy);
        Assert.StartsWith("9 problems in the documents:", set.Fault!.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resourcename: x", "did you mean resourceName?")]
    [InlineData("numVFs: 3", "did you mean numVfs?")]
    [InlineData("eswitchMode: legacy", "did you mean eSwitchMode?")]
    [InlineData("nicSelectors: {}", "did you mean nicSelector?")]
    [InlineData("mtuu: 1500", "did you mean mtu?")]
    public void AnUnknownFieldNamesTheNearestKnownOne(string line, string remedy) =>
        Assert.Equal(remedy, Assert.Single(Samples.Read(Samples.Policy("a", "{pfNames: [eth0]}", 4, line)).Problems).Remedy);

    [Fact]
    public void AFieldNoNameIsNearListsTheKnownOnes()
    {
        DocumentProblem problem = Assert.Single(Samples.Read(Samples.PoolPolicy("a", "zebra: 1")).Problems);
        Assert.Equal("known here: resourceName, allocation, scrub, prewarm, bandwidth, tuning, health, probes", problem.Remedy);
    }

    [Theory]
    [InlineData("numVfs: 4", "numVfs is written twice, first in line 6")]
    [InlineData("mtu: \"1500\"", "spec.mtu: a whole number was expected, and here is the text \"1500\"")]
    [InlineData("mtu: 010", "spec.mtu: a whole number was expected, and here is the number 010")]
    [InlineData("mtu: 1e3", "spec.mtu: a whole number was expected, and here is the number 1e3")]
    [InlineData("mtu: 99999999999999999999", "spec.mtu: 99999999999999999999 is out of range 68 to 65535")]
    [InlineData("mtu: [1500]", "spec.mtu: a whole number was expected, and here is a list")]
    [InlineData("priority: 100", "spec.priority: 100 is out of range 0 to 99")]
    [InlineData("isRdma: \"true\"", "spec.isRdma: true or false was expected, and here is the text \"true\"")]
    [InlineData("deviceType: vfio", "spec.deviceType: \"vfio\" is none of netdevice, vfio-pci")]
    [InlineData("nodeSelector: {a: true}", "spec.nodeSelector[\"a\"]: text was expected, and here is the switch true")]
    [InlineData("eSwitchMode: switchdev\n  bridge: {ovs: {bridge: {failMode: open}}}",
        "spec.bridge.ovs.bridge.failMode: \"open\" is none of secure, standalone")]
    [InlineData("vdpaType: vhost", "spec.vdpaType: a vDPA device needs the NIC in switchdev mode")]
    public void AWrongValueIsToldInOneSentence(string line, string message) =>
        Assert.Equal(message, Assert.Single(Samples.Read(Samples.Policy("a", "{pfNames: [eth0]}", 4, line)).Problems).Message);

    [Theory]
    [InlineData("{}", "spec.nicSelector is empty and matches nothing")]
    [InlineData("eth0", "spec.nicSelector: an object was expected, and here is the text \"eth0\"")]
    [InlineData("{pfNames: eth0}", "spec.nicSelector.pfNames: a list was expected, and here is the text \"eth0\"")]
    [InlineData("{pfNames: ['eth0#']}", "spec.nicSelector.pfNames[0]: \"eth0#\" is not a PF such as eth0, eth0#0-3 or eth0#0,2-7")]
    [InlineData("{pfNames: ['eth0#3-1']}", "spec.nicSelector.pfNames[0]: 3-1 is no range of VFs")]
    [InlineData("{pfNames: ['eth0#0-4']}", "spec.nicSelector.pfNames[0]: eth0#0-4 reaches beyond the 4 VFs of spec.numVfs")]
    [InlineData("{pfNames: ['eth0#0-1', 'eth0#1-2']}", "spec.nicSelector.pfNames[1]: eth0#1-2 names VFs that are named already")]
    [InlineData("{pfNames: ['eth0', 'eth0#1-2']}", "spec.nicSelector.pfNames[1]: eth0#1-2 names VFs that are named already")]
    [InlineData("{rootDevices: ['3b:00']}",
        "spec.nicSelector.rootDevices[0]: \"3b:00\" is not a PCI address such as 0000:3b:00.0 or 0000:3b:00.0#0-3")]
    [InlineData("{vendor: '0x8086'}", "spec.nicSelector.vendor: \"0x8086\" is not four hexadecimal digits without 0x, such as \"8086\"")]
    [InlineData("{netFilter: 'gcp/x'}", "spec.nicSelector.netFilter: \"gcp/x\" is not openstack/NetworkID:ID or aws/NetworkID:ID")]
    public void AWrongSelectorIsToldInOneSentence(string selector, string message) =>
        Assert.Equal(message, Assert.Single(Samples.Read(Samples.Policy("a", selector, 4)).Problems).Message);

    [Fact]
    public void WithProvisionMaxAPartitionMayLieBeyondNumVfs()
    {
        string policy = Samples.Policy("a", "{pfNames: ['eth0#8-11']}", 4);
        Assert.Single(Samples.Read(policy).Problems);
        Assert.Empty(Samples.Read(policy.Replace("{name: a}", "{name: a, annotations: {vfleet.dev/provision: max}}",
            StringComparison.Ordinal)).Problems);
        Assert.Equal("annotation vfleet.dev/provision: \"all\" is not max",
            Samples.Read(policy.Replace("{name: a}", "{name: a, annotations: {vfleet.dev/provision: all}}",
                StringComparison.Ordinal)).Problems[0].Message);
    }

    [Theory]
    [InlineData("spec.minTxRate: 200 Mbit/s is above maxTxRate, 100 Mbit/s", "minTxRate: 200", "maxTxRate: 100")]
    [InlineData("spec.vlanQoS: a priority belongs to a VLAN, and vlan is 0", "vlanQoS: 3")]
    [InlineData("spec.vlanProto: 802.1ad needs a VLAN, and vlan is 0", "vlanProto: 802.1ad", "vlan: 0")]
    [InlineData("spec.ipam: the text is no JSON (its line 1, byte 1)", "ipam: '{'")]
    [InlineData("spec.ipam: the text is JSON and no object", "ipam: '[]'")]
    public void FieldsOfANetworkThatContradictEachOtherAreTold(string message, params string[] lines) =>
        Assert.Equal(message, Assert.Single(Samples.Read(Samples.Network(lines)).Problems).Message);

    [Fact]
    public void AMaximumOfZeroIsNoMaximum()
    {
        Assert.Empty(Samples.Read(Samples.Network("minTxRate: 200", "maxTxRate: 0")).Problems);
        Assert.Empty(Samples.Read(Samples.PoolPolicy("a", "bandwidth: {guaranteedMbps: 200, maximumMbps: 0}")).Problems);
        Assert.Single(Samples.Read(Samples.PoolPolicy("a", "bandwidth: {guaranteedMbps: 200, maximumMbps: 100}")).Problems);
    }

    [Fact]
    public void WhatIsMissingIsNamed()
    {
        DocumentSet set = Samples.Read(
            "apiVersion: sriovnetwork.openshift.io/v1\nkind: SriovNetworkNodePolicy\nmetadata: {}\nspec: {mtu: ~, resourceName: }\n");
        Assert.Equal(["metadata.name is missing", "spec.resourceName is missing", "spec.numVfs is missing", "spec.nicSelector is missing"],
            set.Problems.Select(problem => problem.Message));
    }

    [Theory]
    [InlineData("kind: SriovNetwrk\napiVersion: sriovnetwork.openshift.io/v1", "unknown kind \"SriovNetwrk\"",
        "did you mean SriovNetwork?")]
    [InlineData("kind: PoolPolicy\napiVersion: example.com/v1", "PoolPolicy of group \"example.com\" is not known",
        "write apiVersion: vfleet.dev/v1alpha1")]
    [InlineData("kind: OVSNetwork\napiVersion: sriovnetwork.openshift.io/v1",
        "OVSNetwork is a kind of the operator that Vfleet does not read", null)]
    [InlineData("apiVersion: vfleet.dev/v1alpha1", "the document has no kind",
        "add kind: one of SriovNetworkNodePolicy, SriovNetwork, PoolPolicy")]
    [InlineData("- a", "a document was expected, and here is a list", null)]
    [InlineData("hello", "a document was expected, and here is the text \"hello\"", null)]
    public void ADocumentThatIsNoneOfOursIsTold(string text, string message, string? remedy)
    {
        DocumentProblem problem = Assert.Single(Samples.Read(text).Problems);
        Assert.Equal(message, problem.Message);
        Assert.Equal(remedy ?? problem.Remedy, problem.Remedy);
    }

    [Fact]
    public void AVersionThatIsNotKnownIsToldWithTheKnownOne() =>
        Assert.Contains("apiVersion: \"vfleet.dev/v1\" is none of vfleet.dev/v1alpha1",
            Samples.Read(Samples.PoolPolicy("a").Replace("v1alpha1", "v1", StringComparison.Ordinal)).Problems.Select(problem =>
                problem.Message));

    [Fact]
    public void WhatHasAMeaningInAClusterOnlyIsSaidToBeIgnored()
    {
        string[] ignored = [.. Samples.Read(Samples.FullPolicy,
            Samples.FullNetwork).Notes.Where(note => note.Kind == NoteKind.Ignored).Select(note => note.Message.Split(' ')[0])];
        Assert.Equal(
            ["spec.nodeSelector", "spec.isRdma", "spec.needVhostNet", "spec.vdpaType", "spec.excludeTopology", "spec.bridge",
             "spec.networkNamespace", "spec.capabilities", "spec.ipam", "spec.metaPlugins", "spec.logLevel", "spec.logFile"],
            ignored);
    }

    [Fact]
    public void ASwitchWithoutQuotesIsTakenAndTold()
    {
        DocumentSet set = Samples.Read(Samples.Network("trust: on"));
        Assert.Empty(set.Problems);
        Assert.True(Assert.IsType<Network>(set.Documents[0]).Spec.Settings.Trust);
        Assert.Contains(set.Notes, note => note is { Kind: NoteKind.Warning, Line: 6 }
            && note.Message.StartsWith("spec.trust: kubectl reads on without quotes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{address: 192.0.2.1, port: 80}", "spec.probes[0].port: an echo has no port")]
    [InlineData("{address: 192.0.2.1, protocol: tcp}", "spec.probes[0].port is missing")]
    [InlineData("{address: 192.0.2.1, protocol: udp}", "spec.probes[0].protocol")]
    [InlineData("{address: 192.0.2.1}, {address: 192.0.2.1, protocol: icmp}", "spec.probes[1]: 192.0.2.1 is there twice")]
    [InlineData("{address: gateway}", "spec.probes[0].address: gateway is no address of one host")]
    [InlineData("{address: '1'}", "spec.probes[0].address: 1 is no address of one host")]
    [InlineData("{address: 0.0.0.0}", "is no address of one host")]
    [InlineData("{address: 239.1.1.1}", "is no address of one host")]
    [InlineData("{address: 'fe80::1%eth0'}", "is no address of one host")]
    [InlineData("{address: 192.0.2.1, intervalSeconds: 0}", "is out of range 1 to 3600")]
    [InlineData("{}", "spec.probes[0].address is missing")]
    public void ATargetThatCannotBeAskedIsTold(string probes, string problem) => Assert.Contains(
        Samples.Read(Samples.PoolPolicy("a", $"probes: [{probes}]")).Problems, each => each.Message.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void TargetsAreReadAndBounded()
    {
        Assert.Empty(Samples.Read(Samples.PoolPolicy("a", "probes: [{address: 192.0.2.1}, {address: '2001:DB8::1', protocol: tcp, port: 443, intervalSeconds: 60}]")).Problems);
        string many = string.Join(", ", Enumerable.Range(1, 17).Select(i => $"{{address: 192.0.2.{i}}}"));
        Assert.Single(Samples.Read(Samples.PoolPolicy("a", $"probes: [{many}]")).Problems);
    }
}
