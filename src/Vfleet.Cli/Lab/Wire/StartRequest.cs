using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vfleet.Cli.Lab.Wire;

/// <summary>A command to run in the guest.</summary>
/// <param name="Argv">The program and its arguments.</param>
/// <param name="Cwd">The directory to run it in; the guest's root where it does not exist there.</param>
/// <param name="Env">Variables on top of the guest's own.</param>
/// <param name="Terminal">The size of the terminal to give it; null for pipes.</param>
internal sealed record StartRequest(
    IReadOnlyList<string> Argv,
    string Cwd,
    IReadOnlyDictionary<string, string> Env,
    TerminalSize? Terminal)
{
    internal byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, WireJson.Default.StartRequest);

    /// <summary>The request, or null where the bytes are not one.</summary>
    internal static StartRequest? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            StartRequest? request = JsonSerializer.Deserialize(bytes, WireJson.Default.StartRequest);
            return request is { Argv.Count: > 0, Cwd: not null, Env: not null } ? request : null;
        }
        catch (JsonException)
        {
            // Null is the answer: the caller reports it over the wire.
            return null;
        }
    }
}

/// <summary>Rows and columns of a terminal.</summary>
internal sealed record TerminalSize(int Rows, int Columns);

[JsonSerializable(typeof(StartRequest))]
internal sealed partial class WireJson : JsonSerializerContext;
