using System.Text.Json;
using System.Text.Json.Serialization;
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
            return File.Exists(_path)
                ? JsonSerializer.Deserialize(File.ReadAllText(_path), UpJson.Default.UpState)
                : Outcome<UpState?>.Of(null);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // A file that is cut or forbidden is named; what it listed has to be looked at by hand.
            return new Fault(FaultKind.Internal, $"{_path} cannot be read") { Cause = e.Message, Target = _path, Remedy = "see `vfleet vf list`, detach by hand, then remove the file" };
        }
    }

    public Outcome<Unit> Write(UpState state)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
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

    public void Remove() => File.Delete(_path);
}

/// <summary>JSON of the state, generated so that it works in a native executable.</summary>
[JsonSerializable(typeof(UpState))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
internal sealed partial class UpJson : JsonSerializerContext;
