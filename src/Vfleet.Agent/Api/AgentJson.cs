using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vfleet.Agent.Api;

/// <summary>JSON of the API, generated so that it works in a native executable.</summary>
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(PassReport))]
[JsonSerializable(typeof(IReadOnlyList<PoolReport>))]
[JsonSerializable(typeof(IReadOnlyList<VfReport>))]
[JsonSerializable(typeof(IReadOnlyList<AllocationReport>))]
[JsonSerializable(typeof(IReadOnlyList<HistoryReport>))]
[JsonSerializable(typeof(IReadOnlyList<MaintenanceReport>))]
[JsonSerializable(typeof(IReadOnlyList<NewestReport>))]
[JsonSerializable(typeof(RecentReport))]
[JsonSerializable(typeof(AllocationReport))]
[JsonSerializable(typeof(AllocationOrder))]
[JsonSerializable(typeof(ReleaseReport))]
[JsonSerializable(typeof(AdoptOrder))]
[JsonSerializable(typeof(MaintenanceOrder))]
[JsonSerializable(typeof(MaintenanceReport))]
[JsonSerializable(typeof(HistoryReport))]
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
public sealed partial class AgentJson : JsonSerializerContext;
