using Vfleet.Node.Documents;

namespace Vfleet.Node.Tests.Documents;

/// <summary>Documents with every field, and short ways to make others.</summary>
internal static class Samples
{
    public const string FullPolicy = """
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetworkNodePolicy
        metadata:
          name: full
          namespace: sriov
          labels:
            app.kubernetes.io/name: "fast"
          annotations:
            vfleet.dev/provision: max
          creationTimestamp: "2026-01-02T03:04:05Z"
          generation: 3
          resourceVersion: "77"
          uid: 5f3c2f2e-0000-4000-8000-000000000001
          managedFields:
          - manager: kubectl
            operation: Update
        spec:
          resourceName: fast
          nodeSelector:
            feature.node.kubernetes.io/network-sriov.capable: "true"
          priority: 10
          mtu: 9000
          numVfs: 8
          nicSelector:
            vendor: "8086"
            deviceID: "1572"
            rootDevices: ["0000:3b:00.0"]
            pfNames: ["eth0#0-3", "eth1"]
            netFilter: "openstack/NetworkID:3f1c"
          deviceType: netdevice
          isRdma: true
          needVhostNet: true
          linkType: eth
          eSwitchMode: switchdev
          vdpaType: virtio
          excludeTopology: true
          externallyManaged: false
          bridge:
            ovs:
              bridge:
                datapathType: netdev
                externalIDs: {one: "1"}
                otherConfig: {two: "2"}
                failMode: secure
              uplink:
                interface:
                  type: dpdk
                  options: {three: "3"}
                  externalIDs: {four: "4"}
                  otherConfig: {five: "5"}
                  mtuRequest: 9000
        status: {}

        """;

    public const string FullNetwork = """
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetwork
        metadata:
          name: blue
        spec:
          networkNamespace: default
          resourceName: fast
          capabilities: '{"mac": true}'
          ipam: |
            {
              "type": "host-local",
              "subnet": "192.0.2.0/24"
            }
          vlan: 100
          vlanQoS: 3
          vlanProto: 802.1ad
          spoofChk: "on"
          trust: "off"
          linkState: enable
          minTxRate: 100
          maxTxRate: 1000
          metaPlugins: '{"type": "rdma"}'
          logLevel: debug
          logFile: /var/log/sriov.log
        status:
          conditions:
          - type: Ready

        """;

    public const string FullPoolPolicy = """
        apiVersion: vfleet.dev/v1alpha1
        kind: PoolPolicy
        metadata:
          name: fast
        spec:
          resourceName: fast
          allocation: spread
          scrub: settings
          prewarm: 2
          bandwidth:
            guaranteedMbps: 100
            maximumMbps: 1000
            guaranteeablePercent: 80
          tuning:
            affinity: owner
            coalesceRxMicroseconds: 8
            coalesceTxMicroseconds: 16
            adaptiveRx: false
            combinedChannels: 4
            rxRing: 1024
            txRing: 2048
          health:
            windowSeconds: 60
            degradedCarrierLosses: 2
            failedCarrierLosses: 5
            degradedSpoofedPackets: 7
            degradedCorrectableErrors: 9
            recoverySeconds: 10
          probes:
          - address: "2001:db8::1"
            protocol: tcp
            port: 443
            intervalSeconds: 30

        """;

    public static DocumentSet Read(params string[] documents) => DocumentReader.Read([("test.yaml", string.Join("---\n", documents))]);

    /// <summary>A policy with what it needs, and more lines of its spec.</summary>
    public static string Policy(string name, string selector, int numVfs, params string[] more) => $$"""
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetworkNodePolicy
        metadata: {name: {{name}}}
        spec:
          resourceName: {{name}}
          numVfs: {{numVfs}}
          nicSelector: {{selector}}
        {{string.Concat(more.Select(line => $"  {line}\n"))}}
        """;

    public static string Network(params string[] more) => $$"""
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetwork
        metadata: {name: blue}
        spec:
          resourceName: fast
        {{string.Concat(more.Select(line => $"  {line}\n"))}}
        """;

    public static string PoolPolicy(string name, params string[] more) => $$"""
        apiVersion: vfleet.dev/v1alpha1
        kind: PoolPolicy
        metadata: {name: {{name}}}
        spec:
          resourceName: fast
        {{string.Concat(more.Select(line => $"  {line}\n"))}}
        """;
}
