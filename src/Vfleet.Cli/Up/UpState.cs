using System.Text.Json;
using System.Text.Json.Serialization;
using Vfleet.Host.State;
using Vfleet.Linux;

namespace Vfleet.Cli.Up;

/// <summary>What <c>vfleet up</c> made, so that <c>vfleet down</c> removes that and nothing else.</summary>
internal sealed record UpState
{
    /// <summary>Device name of the PF.</summary>
    public required string Pf { get; init; }

    /// <summary>True when the PF had no VFs before.</summary>
    public bool CreatedVfs { get; init; }

    /// <summary>True when the PF was down before.</summary>
    public bool RaisedPf { get; init; }

    /// <summary>VFs by workload's namespace.</summary>
    public IReadOnlyDictionary<string, string> Attached { get; init; } = new Dictionary<string, string>();
}

/// <summary>The file it is kept in.</summary>
internal sealed class UpStateFile(string stateDirectory)
{
    private readonly string _path = Path.Combine(stateDirectory, "up.json");

    public Outcome<UpState?> Read()
    {
        try
        {
            if (!File.Exists(_path))
                return Outcome<UpState?>.Of(null);
            if (StateFile.Refuse(_path) is { } strange)
                return Unreadable(strange);
            return JsonSerializer.Deserialize(File.ReadAllText(_path), UpJson.Default.UpState) is { } state && !state.Attached.Values.Contains(null)
                ? Outcome<UpState?>.Of(state)
                : Unreadable("it holds no state");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // A file that is cut or forbidden is named; what it listed has to be looked at by hand.
            return Unreadable(e.Message);
        }
    }

    public Outcome<Unit> Write(UpState state)
    {
        try
        {
            StateFolder.Make(stateDirectory);
            File.WriteAllText(_path + ".new", JsonSerializer.Serialize(state, UpJson.Default.UpState));
            File.Move(_path + ".new", _path, overwrite: true);
            return Unit.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is full, read-only or forbidden.
            return new Fault(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel, $"{_path} cannot be written; nothing more was changed") { Cause = e.Message, Target = _path };
        }
    }

    public Outcome<Unit> Remove()
    {
        try
        {
            File.Delete(_path);
            return Unit.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is read-only or forbidden.
            return new Fault(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel, $"all is down, but {_path} cannot be removed") { Cause = e.Message, Target = _path, Remedy = "remove it by hand" };
        }
    }

    private Fault Unreadable(string cause) =>
        new(FaultKind.Internal, $"{_path} cannot be read") { Cause = cause, Target = _path, Remedy = "see `vfleet vf list`, detach by hand, then remove the file" };
}

/// <summary>JSON of the state, generated so that it works in a native executable.</summary>
[JsonSerializable(typeof(UpState))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, RespectNullableAnnotations = true)]
internal sealed partial class UpJson : JsonSerializerContext;
