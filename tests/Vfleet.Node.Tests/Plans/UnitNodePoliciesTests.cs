using Vfleet.Linux;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;

namespace Vfleet.Node.Tests.Plans;

public sealed class UnitNodePoliciesTests
{
    [Fact]
    public async Task APoolVanishesOnlyWhenNobodyHasAVfOfIt()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        _ = (await machine.ApplyAsync(machine.Policy("net", 2))).Value;
        LedgerAllocation held = (await machine.Node.AllocateAsync(machine.Machine.Request("blue", "net") with { Tenant = "acme" })).Value;
        Fault refused = (await DeleteAsync(machine, prunes: false)).Fault!;
        Assert.Equal(FaultKind.Refused, refused.Kind);
        Assert.Contains($"{held.Id} of blue (tenant acme)", refused.Cause, StringComparison.Ordinal);
        Assert.Contains($"vfleet release {held.Id}", refused.Remedy, StringComparison.Ordinal);
        Assert.Single(machine.Policies.Applied().Value);

        // The same for a policy whose resource gets another name.
        string renamed = machine.Policy("net", 2).Replace("resourceName: net", "resourceName: other", StringComparison.Ordinal);
        Assert.Contains("pool net cannot vanish", (await machine.ApplyAsync(renamed)).Fault?.Error, StringComparison.Ordinal);

        _ = (await machine.Node.ReleaseAsync(held.Id)).Value;
        _ = (await DeleteAsync(machine, prunes: false)).Value;
        Assert.Empty(machine.Policies.Applied().Value);
    }

    [Fact]
    public async Task VfsStayUnlessTheyArePruned()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        _ = (await machine.ApplyAsync(machine.Policy("net", 2))).Value;
        Assert.Empty((await DeleteAsync(machine, prunes: false)).Value);
        Assert.Equal([machine.Machine.Pf, machine.Machine.Pf], machine.Rows().Select(row => row.Pool));
        _ = (await machine.ApplyAsync(machine.Policy("net", 2))).Value;
        Assert.Equal([machine.Machine.Pf], (await DeleteAsync(machine, prunes: true)).Value);
        Assert.Empty(machine.Rows());
    }

    [Fact]
    public async Task PruningDestroysNothingThatAnotherPolicyWants()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        _ = (await machine.ApplyAsync(machine.Policy("net", 4, range: "#0-1"), machine.Policy("other", 4, range: "#2-3"))).Value;
        PolicyChange change = (await machine.Policies.PlanAsync(
            DocumentUpdate.Without(["SriovNetworkNodePolicy/net"], machine.Policies.Applied().Value), prunes: true)).Value;
        Assert.True(change.Plan.IsEmpty);
        _ = (await machine.Policies.ApplyAsync(change, new PlanOptions())).Value;
        Assert.Equal(4, machine.Rows().Count);
    }

    [Fact]
    public async Task ANewDocumentIsCheckedAgainstThoseThatAreApplied()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync();
        _ = (await machine.ApplyAsync(machine.Policy("net", 2, range: "#0-1"))).Value;
        DocumentUpdate overlap = machine.Update(machine.Policy("other", 2, range: "#1"));
        Assert.Contains("both take VF 1", overlap.Fault?.Error, StringComparison.Ordinal);
        // The same document again replaces the one that is applied.
        Assert.Null(machine.Update(machine.Policy("net", 2, range: "#1")).Fault);
    }

    [Fact]
    public async Task ADevicePluginsConfigurationMakesPoolsUnlessAPolicyDoes()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 2);
        string config = """{"resourceList": [{"resourceName": "plugin", "selectors": {"drivers": ["igbvf"]}}]}""";
        Assert.Equal("DevicePluginConfig/0", Assert.Single(machine.Update(config).Deltas).Document.Label);
        _ = (await machine.ApplyAsync(config)).Value;
        Assert.Equal(["plugin", "plugin"], machine.Rows().Select(row => row.Pool));
        LedgerAllocation held = (await machine.Node.AllocateAsync(machine.Machine.Request("blue", "plugin"))).Value;
        PolicyChange without = (await machine.Policies.PlanAsync(
            DocumentUpdate.Without(["DevicePluginConfig/0"], machine.Policies.Applied().Value))).Value;
        Assert.Contains(held.Id, without.Refusal(force: false)?.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsOverriddenIsWrittenDownBeforeAnythingIsChanged()
    {
        using PolicyMachine machine = await PolicyMachine.CreateAsync(vfs: 2);
        _ = (await machine.Node.AllocateAsync(machine.Machine.Request())).Value;
        List<string> written = [];
        PlanOptions unwritable = new()
        {
            Force = true,
            WriteDown = overridden =>
            {
                written.AddRange(overridden);
                return Task.FromResult<Outcome<Unit>>(Fault.Unsupported("the disk is full"));
            },
        };
        Fault refused = (await PolicyMachine.ApplyAsync(machine.Node, unwritable, machine.Policy("net", 4))).Fault!;
        Assert.Equal("the disk is full", refused.Error);
        Assert.Contains("a1 of blue", Assert.Single(written), StringComparison.Ordinal);
        Assert.Empty(machine.Policies.Applied().Value);
        Assert.Equal(2, machine.Rows().Count);
    }

    [Fact]
    public void KindsAreFoundInAnyCaseAndInThePlural()
    {
        Assert.Equal("PoolPolicy", KeptDocument.FindKind("poolpolicies").Value);
        Assert.Equal("SriovNetwork", KeptDocument.FindKind("sriovnetworks").Value);
        Assert.Equal("did you mean PoolPolicy?", KeptDocument.FindKind("PoolPolice").Fault?.Remedy);
    }

    private static async Task<Outcome<IReadOnlyList<string>>> DeleteAsync(PolicyMachine machine, bool prunes)
    {
        DocumentUpdate update = DocumentUpdate.Without(["SriovNetworkNodePolicy/net"], machine.Policies.Applied().Value);
        return await machine.Policies.ApplyAsync((await machine.Policies.PlanAsync(update, prunes)).Value, new PlanOptions());
    }
}
