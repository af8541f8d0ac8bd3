using System.Text.Json;
using System.Text.Json.Serialization;
using Vfleet.Host.State;
using Vfleet.Linux;

namespace Vfleet.Cli.Up;

/// <summary>What <c>vfleet up</c> made, so that <c>vfleet down</c> removes that and nothing else. Each thing is written down before it is made.</summary>
internal sealed record UpState
{
    /// <summary>Device name of the PF.</summary>
    public required string Pf { get; init; }

    /// <summary>True when it changed the PF's number of VFs.</summary>
    public bool CreatedVfs { get; init; }

    /// <summary>How many the PF had before; it gets as many again.</summary>
    public int VfsBefore { get; init; }

    /// <summary>How many it made: another number is somebody else's work by now.</summary>
    public int VfsMade { get; init; }

    /// <summary>True when the PF was down before.</summary>
    public bool RaisedPf { get; init; }

    /// <summary>The boot it was made on (/proc/sys/kernel/random/boot_id): of another one's scene only the attachments' records are left.</summary>
    public string? BootId { get; init; }

    /// <summary>Namespaces it made.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>VFs by workload's namespace.</summary>
    public IReadOnlyDictionary<string, string> Attached { get; init; } = new Dictionary<string, string>();

    /// <summary>The namespace whose VF is being attached; still there when <c>up</c> did not come to the end of that.</summary>
    public string? Pending { get; init; }

    public UpState With(string workload, string vf) => this with { Attached = new Dictionary<string, string>(Attached) { [workload] = vf }, Pending = workload };
}

/// <summary>The file it is kept in.</summary>
internal sealed class UpStateFile(string stateDirectory)
{
    private const string Name = "up.json";
    private readonly string _path = Path.Combine(stateDirectory, Name);

    public Outcome<UpState?> Read()
    {
        Outcome<UpState?> read = StateFile.Read(_path, text => JsonSerializer.Deserialize(text, UpJson.Default.UpState));
        return read.Or(null) is { } state && (state.Attached.Values.Contains(null) || state.Namespaces.Contains(null)) ? StateFile.Unreadable(_path, "it holds a null") : read;
    }

    public Outcome<Unit> Write(UpState state) => StateFile.Write(stateDirectory, Name, JsonSerializer.Serialize(state, UpJson.Default.UpState));

    public Outcome<Unit> Remove() => StateFile.Remove(_path);
}

/// <summary>JSON of the state, generated so that it works in a native executable.</summary>
[JsonSerializable(typeof(UpState))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, RespectNullableAnnotations = true)]
internal sealed partial class UpJson : JsonSerializerContext;
