using Vfleet.Agent.Loop;
using Vfleet.Host.Inventory;
using Vfleet.Node;
using Vfleet.Node.Allocation;
using Vfleet.Node.Census;
using Vfleet.Node.Ledger;
using Vfleet.Node.Reconcile;

namespace Vfleet.Agent.Api;

/// <summary>What the operations of the API do.</summary>
/// <param name="node">The node.</param>
/// <param name="loop">The loop.</param>
/// <param name="readings">The machine as callers see it.</param>
/// <param name="about">What does not change while the agent runs.</param>
/// <param name="time">Clock.</param>
internal sealed class NodeApi(LocalNode node, ReconcileLoop loop, ReadingCache readings, AgentFacts about, TimeProvider time)
{
    private const int MostRows = 1000;

    public async Task<Outcome<StatusReport>> StatusAsync(ApiCall call)
    {
        Outcome<NodeReading> read = await readings.TakeAsync(call.Cancel).ConfigureAwait(false);
        if (!node.Ledger.Read(view => view.Head().Sequence).Try(out long sequence, out Fault? fault)
            || !Maintenance.Read(node.Ledger).Try(out IReadOnlyList<MaintenanceWindow>? windows, out fault))
            return fault;
        LoopStatus status = loop.Status;
        return new StatusReport
        {
            Version = about.Version,
            ProcessId = about.ProcessId,
            Kernel = node.Host.Kernel.Name,
            StateDirectory = node.Host.Options.StateDirectory,
            StartedAt = about.StartedAt,
            UptimeSeconds = Math.Round(time.GetElapsedTime(about.Started).TotalSeconds, 3),
            LastPass = status.Last is { } last ? Reports.Of(last) : null,
            Passes = status.Passes,
            FailedPasses = status.Failed,
            EventLagMilliseconds = status.EventLag?.TotalMilliseconds,
            HistorySequence = sequence,
            // A machine that cannot be read is what somebody asks the status for: lastPass.fault tells why.
            Pools = read.Or(null) is { } reading ? Reports.Pools(reading) : [],
            Maintenance = [.. windows.Select(Reports.Of)],
        };
    }

    public async Task<Outcome<IReadOnlyList<PoolReport>>> PoolsAsync(ApiCall call) =>
        (await readings.TakeAsync(call.Cancel).ConfigureAwait(false)).Map(Reports.Pools);

    public async Task<Outcome<IReadOnlyList<VfReport>>> VfsAsync(ApiCall call) =>
        (await readings.TakeAsync(call.Cancel).ConfigureAwait(false)).Map(Reports.Vfs);

    public Task<Outcome<IReadOnlyList<AllocationReport>>> AllocationsAsync(ApiCall call) =>
        Task.FromResult(node.Ledger.Read<IReadOnlyList<AllocationReport>>(view => [.. view.OpenAllocations().Select(Reports.Of)]));

    public Task<Outcome<IReadOnlyList<HistoryReport>>> HistoryAsync(ApiCall call) =>
        Task.FromResult(call.Number("after").Try(out long? after, out Fault? fault)
        ? node.Ledger.Read<IReadOnlyList<HistoryReport>>(view =>
            [.. view.History(after ?? 0, MostRows, call.Query("vf")).Select(Reports.Of)])
        : fault);

    public async Task<Outcome<AllocationReport>> AllocateAsync(ApiCall call)
    {
        Outcome<AllocationOrder> body = await call.BodyAsync(AgentJson.Default.AllocationOrder).ConfigureAwait(false);
        if (!body.Try(out AllocationOrder? order, out Fault? fault)
            || !AllocationOrders.Request(node.Host.Kernel, order).Try(out AllocationRequest? request, out fault))
            return fault;
        return (await node.AllocateAsync(request, call.Cancel).ConfigureAwait(false)).Map(Reports.Of);
    }

    public async Task<Outcome<ReleaseReport>> ReleaseAsync(ApiCall call) =>
        (await node.ReleaseAsync(call.Word("id"), cancel: call.Cancel).ConfigureAwait(false)).Map(Reports.Of);

    public async Task<Outcome<AllocationReport>> AdoptAsync(ApiCall call)
    {
        Outcome<AdoptOrder> body = await call.BodyAsync(AgentJson.Default.AdoptOrder).ConfigureAwait(false);
        if (!body.Try(out AdoptOrder? order, out Fault? fault)
            || !AllocationOrders.OwnerOf(node.Host.Kernel, order.Owner, order.Namespace, order.ProcessId).Try(out Owner? owner, out fault))
            return fault;
        return (await node.AdoptAsync(call.Word("vf"), owner, order.Tenant, cancel: call.Cancel).ConfigureAwait(false)).Map(Reports.Of);
    }

    public async Task<Outcome<PassReport>> ReconcileAsync(ApiCall call) =>
        Reports.Of(await loop.PassNowAsync("asked for", call.Cancel).ConfigureAwait(false));

    public async Task<Outcome<MaintenanceReport>> StartMaintenanceAsync(ApiCall call)
    {
        Outcome<MaintenanceOrder> body = await call.BodyAsync(AgentJson.Default.MaintenanceOrder, isOptional: true).ConfigureAwait(false);
        if (!body.Try(out MaintenanceOrder? order, out Fault? fault)
            || !(await ScopeAsync(order.Pf, call.Cancel).ConfigureAwait(false)).Try(out string? pf, out fault))
            return fault;
        return Maintenance.Start(node.Ledger, pf, order.Reason, time.GetUtcNow()).Map(Reports.Of);
    }

    public async Task<Outcome<MaintenanceReport>> EndMaintenanceAsync(ApiCall call)
    {
        if (!(await ScopeAsync(call.Query("pf"), call.Cancel).ConfigureAwait(false)).Try(out string? pf, out Fault? fault))
            return fault;
        Outcome<MaintenanceReport> ended = Maintenance.End(node.Ledger, pf).Map(Reports.Of);
        if (ended.Succeeded)
            loop.Wake("maintenance ended");
        return ended;
    }

    /// <summary>A PF as maintenance calls it: by device name, which stays when its interface is renamed.</summary>
    private async Task<Outcome<string?>> ScopeAsync(string? pf, CancellationToken cancel)
    {
        if (pf is null)
            return Outcome<string?>.Of(null);
        Outcome<PhysicalFunction> found = await node.Host.FindPfAsync(pf, cancel).ConfigureAwait(false);
        return found.Map(each => (string?)each.DeviceName);
    }
}

/// <summary>What does not change while the agent runs.</summary>
/// <param name="Version">The program's.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Started">The same as a time stamp.</param>
internal sealed record AgentFacts(string Version, int ProcessId, DateTimeOffset StartedAt, long Started);
