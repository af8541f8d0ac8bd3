using System.Text.Json;
using System.Text.Json.Serialization;
using Vfleet.Host.State;

namespace Vfleet.Node.Ledger;

/// <summary>JSON of what the ledger keeps in single columns, generated so that it works in a native executable.</summary>
[JsonSerializable(typeof(Owner))]
[JsonSerializable(typeof(Baseline))]
[JsonSerializable(typeof(AttachmentRecord))]
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class LedgerJson : JsonSerializerContext;
