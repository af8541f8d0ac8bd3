using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vfleet.Cli.Lab;

/// <summary>What `lab up` wrote down about the machine it started.</summary>
/// <param name="Accel"><c>kvm</c> or <c>tcg</c>.</param>
/// <param name="Kernel">The guest's kernel release.</param>
/// <param name="Qemu">QEMU's version.</param>
/// <param name="Scratch">The scratch disk's file.</param>
/// <param name="StartedAt">When QEMU was started.</param>
internal sealed record LabState(string Accel, string Kernel, string Qemu, string Scratch, DateTimeOffset StartedAt)
{
    internal async Task WriteAsync(string path, CancellationToken cancellation)
    {
        string temporary = $"{path}.new";
        await File.WriteAllBytesAsync(temporary, JsonSerializer.SerializeToUtf8Bytes(this, LabStateJson.Default.LabState), cancellation);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Null where no lab was started, or none that wrote it down whole.</summary>
    internal static LabState? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), LabStateJson.Default.LabState);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(LabState))]
internal sealed partial class LabStateJson : JsonSerializerContext;
