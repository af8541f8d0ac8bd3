using Vfleet.Node.Documents;

namespace Vfleet.Node.Tests.Documents;

public sealed class UnitSetChecksTests
{
    [Theory]
    [InlineData("{pfNames: ['eth0#0-3']}", "{pfNames: ['eth0#2-5']}", "policy b and policy a both take VF 2 of eth0")]
    [InlineData("{pfNames: ['eth0#0,4-5']}", "{pfNames: ['eth0#1-4']}", "policy b and policy a both take VF 4 of eth0")]
    [InlineData("{pfNames: [eth0]}", "{pfNames: ['eth0#2-5']}", "policy b and policy a both take VF 2 of eth0")]
    [InlineData("{pfNames: [eth0]}", "{pfNames: [eth1, eth0]}", "policy b and policy a both take VF 0 of eth0")]
    [InlineData("{rootDevices: ['0000:3b:00.0#0-3']}", "{rootDevices: ['3b:00.0#3-5']}",
        "policy b and policy a both take VF 3 of 0000:3b:00.0")]
    public void TwoPoliciesThatTakeTheSameVfAreTold(string one, string other, string message)
    {
        DocumentSet set = Samples.Read(Samples.Policy("a", one, 8), Samples.Policy("b", other, 8));
        DocumentProblem problem = Assert.Single(set.Problems);
        Assert.Equal(message, problem.Message);
        Assert.Equal("make their ranges disjoint", problem.Remedy);
    }

    [Theory]
    [InlineData("{pfNames: ['eth0#0-3']}", "{pfNames: ['eth0#4-7']}")]
    [InlineData("{pfNames: [eth0]}", "{pfNames: [eth1]}")]
    [InlineData("{pfNames: [eth0], vendor: '8086'}", "{pfNames: [eth0], vendor: '15b3'}")]
    [InlineData("{vendor: '8086'}", "{vendor: '15b3'}")]
    public void PoliciesThatKeepClearOfEachOtherAreFine(string one, string other) =>
        Assert.Empty(Samples.Read(Samples.Policy("a", one, 8), Samples.Policy("b", other, 8)).Problems);

    [Fact]
    public void EveryOverlapIsToldAndNotTheFirstAlone()
    {
        DocumentSet set = Samples.Read(
            Samples.Policy("a", "{pfNames: ['eth0#0-3']}", 8), Samples.Policy("b", "{pfNames: ['eth0#4-5']}", 8),
            Samples.Policy("c", "{pfNames: ['eth0#3']}", 8), Samples.Policy("d", "{pfNames: ['eth0#5-6']}", 8));
        Assert.Equal(["policy c and policy a both take VF 3 of eth0", "policy d and policy b both take VF 5 of eth0"],
            set.Problems.Select(problem => problem.Message));
    }

    [Theory]
    [InlineData("numVfs", "policy b wants 4 VFs on eth0, policy a 8 VFs")]
    [InlineData("mtu: 1500", "policy b wants mtu 1500 on eth0, policy a mtu 9000")]
    [InlineData("eSwitchMode: switchdev", "policy b wants eSwitchMode switchdev on eth0, policy a eSwitchMode legacy")]
    [InlineData("linkType: ib", "policy b wants linkType ib on eth0, policy a linkType eth")]
    [InlineData("externallyManaged: true", "policy b wants externallyManaged true on eth0, policy a externallyManaged false")]
    public void AContradictionIsAProblemWithTheSamePriorityAndANoteWithAnother(string line, string message)
    {
        int numVfs = line == "numVfs" ? 4 : 8;
        string[] lines = line == "numVfs" ? [] : [line];
        string first = Samples.Policy("a", "{pfNames: ['eth0#0-1']}", 8, "mtu: 9000", "eSwitchMode: legacy", "linkType: ETH",
            "priority: 20");
        DocumentSet same = Samples.Read(first, Samples.Policy("b", "{pfNames: ['eth0#2-3']}", numVfs, [.. lines, "priority: 20"]));
        Assert.Equal($"{message}, both with priority 20", Assert.Single(same.Problems).Message);
        DocumentSet other = Samples.Read(first, Samples.Policy("b", "{pfNames: ['eth0#2-3']}", numVfs, [.. lines, "priority: 21"]));
        Assert.Empty(other.Problems);
        Assert.Equal($"{message}; a wins with priority 20 against 21",
            Assert.Single(other.Notes, note => note.Kind == NoteKind.Resolved).Message);
    }

    [Fact]
    public void TheLowerNumberWinsWhereverItStands()
    {
        DocumentSet set = Samples.Read(
            Samples.Policy("a", "{pfNames: ['eth0#0-1']}", 8, "mtu: 9000"),
                Samples.Policy("b", "{pfNames: ['eth0#2-3']}", 8, "mtu: 1500", "priority: 0"));
        Assert.Empty(set.Problems);
        Assert.Equal("policy a wants mtu 9000 on eth0, policy b mtu 1500; b wins with priority 0 against 99",
            Assert.Single(set.Notes).Message);
    }

    [Fact]
    public void AWholePfGivesWayToAPartitionOfHigherPriority()
    {
        DocumentSet set = Samples.Read(Samples.Policy("a", "{pfNames: [eth0]}", 8),
            Samples.Policy("b", "{pfNames: ['eth0#2-3']}", 8, "priority: 5"));
        Assert.Empty(set.Problems);
        Assert.Equal("policy a and policy b both take VF 2 of eth0; b wins with priority 5 against 99", Assert.Single(set.Notes).Message);
    }

    [Fact]
    public void TwoPartitionsOverlapWhateverTheirPriorities() =>
        Assert.Single(Samples.Read(Samples.Policy("a", "{pfNames: ['eth0#0-3']}", 8),
            Samples.Policy("b", "{pfNames: ['eth0#3-4']}", 8, "priority: 5")).Problems);

    [Fact]
    public void PoliciesForDifferentNodesAreToldThatNodesAreIgnored()
    {
        DocumentSet set = Samples.Read(
            Samples.Policy("a", "{pfNames: [eth0]}", 8, "nodeSelector: {host: one}"),
                Samples.Policy("b", "{pfNames: [eth0]}", 8, "nodeSelector: {host: two}"));
        Assert.Contains("nodeSelector has no effect here", Assert.Single(set.Problems).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void WithProvisionMaxNumVfsIsNoCountOfTheDevice()
    {
        string grown = Samples.Policy("a", "{pfNames: ['eth0#0-3']}", 4).Replace("{name: a}",
            "{name: a, annotations: {vfleet.dev/provision: max}}", StringComparison.Ordinal);
        Assert.Empty(Samples.Read(grown, Samples.Policy("b", "{pfNames: ['eth0#4-7']}", 8)).Problems);
        Assert.Single(Samples.Read(Samples.Policy("a", "{pfNames: ['eth0#0-3']}", 4),
            Samples.Policy("b", "{pfNames: ['eth0#4-7']}", 8)).Problems);
    }

    [Fact]
    public void TwoDocumentsOfOneNameAreTold()
    {
        DocumentSet set = DocumentReader.Read([("one.yaml", Samples.Network()), ("two.yaml", "---\n" + Samples.Network())]);
        DocumentProblem problem = Assert.Single(set.Problems);
        Assert.Equal("SriovNetwork/blue is there twice, first at one.yaml:1", problem.Message);
        Assert.Equal(("two.yaml", 4), (problem.Source, problem.Line));
        Assert.Empty(Samples.Read(Samples.Network(), Samples.PoolPolicy("blue")).Problems);
    }

    [Fact]
    public void AResourceHasOnePoolPolicyAndOneDriver()
    {
        Assert.Equal("PoolPolicy/b: resource fast has a PoolPolicy already, PoolPolicy/a",
            Assert.Single(Samples.Read(Samples.PoolPolicy("a"), Samples.PoolPolicy("b")).Problems).Message);
        string other = Samples.Policy("b", "{pfNames: [eth1]}", 8, "deviceType: vfio-pci").Replace("resourceName: b", "resourceName: a",
            StringComparison.Ordinal);
        Assert.Equal("SriovNetworkNodePolicy/b: resource a is on another driver in SriovNetworkNodePolicy/a, and a pool has one",
            Assert.Single(Samples.Read(Samples.Policy("a", "{pfNames: [eth0]}", 8, "deviceType: netdevice"), other).Problems).Message);
    }

    [Fact]
    public void AResourceNoPolicyMakesIsAWarning()
    {
        DocumentSet set = Samples.Read(Samples.Policy("fasd", "{pfNames: [eth0]}", 8), Samples.Network(), Samples.PoolPolicy("p"));
        Assert.Empty(set.Problems);
        Assert.Equal(
            ["SriovNetwork/blue: no policy here makes resource fast; did you mean fasd?",
                "PoolPolicy/p: no policy here makes resource fast; did you mean fasd?"],
            set.Notes.Where(note => note.Kind == NoteKind.Warning).Select(note => note.Message));
        Assert.DoesNotContain(Samples.Read(Samples.Policy("fast", "{pfNames: [eth0]}", 8), Samples.Network()).Notes,
            note => note.Kind == NoteKind.Warning);
    }

    [Fact]
    public void AThousandPoliciesOfOnePfAreCheckedAtOnce()
    {
        string[] policies = [.. Enumerable.Range(0, 1000).Select(i => Samples.Policy($"p{i}", "{pfNames: ['eth0#0-65533']}", 65534))];
        Assert.Equal(999, Samples.Read(policies).Problems.Count);
    }

    [Fact]
    public void ThousandsOfPfsWithThousandsOfVfsEachAreCheckedAtOnce()
    {
        string pfs = $"{{pfNames: [{string.Join(", ", Enumerable.Range(0, 10_000).Select(i => $"'p{i}#0-65533'"))}]}}";
        Assert.Equal(10_000, Samples.Read(Samples.Policy("a", pfs, 65534), Samples.Policy("b", pfs, 65534)).Problems.Count);
    }
}
