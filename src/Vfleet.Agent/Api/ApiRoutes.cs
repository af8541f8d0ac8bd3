using Microsoft.AspNetCore.Http;

namespace Vfleet.Agent.Api;

/// <summary>The operations of the API.</summary>
internal static class ApiRoutes
{
    private static readonly AgentJson Json = AgentJson.Default;

    /// <summary>All of them, in the order they are documented.</summary>
    /// <param name="api">What they do; null for their description alone.</param>
    /// <param name="events">The stream of events; null likewise.</param>
    /// <param name="recent">Recent history; null likewise.</param>
    public static IReadOnlyList<ApiRoute> All(NodeApi? api, EventsApi? events, RecentApi? recent) =>
    [
        ApiRoute.Of(HttpMethods.Get, "/v1/status", "How the agent is: last pass, pools, maintenance", Json.StatusReport,
            call => api!.StatusAsync(call)),
        ApiRoute.Of(HttpMethods.Get, "/v1/pools", "Pools and what has become of their VFs", Json.IReadOnlyListPoolReport,
            call => api!.PoolsAsync(call)),
        ApiRoute.Of(HttpMethods.Get, "/v1/vfs", "Every VF and who has it", Json.IReadOnlyListVfReport, call => api!.VfsAsync(call)),
        ApiRoute.Of(HttpMethods.Get, "/v1/allocations", "Hand-outs that have not ended, oldest first", Json.IReadOnlyListAllocationReport,
            call => api!.AllocationsAsync(call)),
        ApiRoute.Of(HttpMethods.Get, "/v1/history", "History, oldest first, at most 1000 rows", Json.IReadOnlyListHistoryReport,
            call => api!.HistoryAsync(call)) with
        {
            Query = [("after", "only rows after this sequence"), ("vf", "only rows of this VF")],
        },
        new ApiRoute
        {
            Method = HttpMethods.Get,
            Path = "/v1/events",
            Summary = "History as it comes, as server-sent events `history`; the header Last-Event-ID resumes after a sequence",
            Query = [("after", "begin after this sequence; without it, and without Last-Event-ID, with what comes from now on")],
            Run = context => events!.RunAsync(context),
        },
        ApiRoute.Of(HttpMethods.Get, "/v1/recent", "The newest sample of every VF that is there", Json.IReadOnlyListNewestReport,
            _ => recent!.NewestAsync()),
        ApiRoute.Of(HttpMethods.Get, "/v1/vfs/{vf}/recent", "What a VF did lately, oldest first, at most 1440 samples; gaps are left out",
            Json.RecentReport, call => recent!.OfVfAsync(call)) with
        {
            Query =
            [
                ("since", "how long ago it begins: 5s to 1d; without it 10m"),
                ("step", "time of a sample: a multiple of 5s, of 1m where since is longer than 1h; without it the shortest"),
            ],
        },
        ApiRoute.Of(HttpMethods.Post, "/v1/allocations", "Hold VFs for an owner", Json.AllocationReport,
            call => api!.AllocateAsync(call)) with { Body = Json.AllocationOrder },
        ApiRoute.Of(HttpMethods.Delete, "/v1/allocations/{id}", "End a hand-out, by its id or one of its VFs", Json.ReleaseReport,
            call => api!.ReleaseAsync(call)),
        ApiRoute.Of(HttpMethods.Post, "/v1/vfs/{vf}/adopt", "Take over a VF that somebody put to use by hand", Json.AllocationReport,
            call => api!.AdoptAsync(call)) with { Body = Json.AdoptOrder },
        ApiRoute.Of(HttpMethods.Post, "/v1/reconcile", "Make a pass now and wait for it", Json.PassReport,
            call => api!.ReconcileAsync(call)),
        ApiRoute.Of(HttpMethods.Post, "/v1/maintenance", "Begin maintenance of a PF or of the machine", Json.MaintenanceReport,
            call => api!.StartMaintenanceAsync(call)) with { Body = Json.MaintenanceOrder },
        ApiRoute.Of(HttpMethods.Delete, "/v1/maintenance", "End it", Json.MaintenanceReport,
            call => api!.EndMaintenanceAsync(call)) with { Query = [("pf", "the PF; without it the machine's")] },
    ];
}
