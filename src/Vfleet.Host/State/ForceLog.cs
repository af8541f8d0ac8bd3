using System.Text.Json;
using Vfleet.Linux;

namespace Vfleet.Host.State;

/// <summary>Refusals that were overridden, one JSON line each, durable before the change: <c>forced.jsonl</c> in the state directory.</summary>
/// <param name="stateDirectory">The state directory; made when needed.</param>
/// <param name="time">The clock.</param>
/// <param name="invoker">Who became root to do it, as sudo(8) tells in SUDO_USER; null where nobody did.</param>
public sealed class ForceLog(string stateDirectory, TimeProvider time, string? invoker)
{
    /// <summary>Appends a line: when, which user, on whose behalf, what, and which refusals.</summary>
    public Outcome<Unit> Append(string command, IEnumerable<string> overridden)
    {
        string path = Path.Combine(stateDirectory, "forced.jsonl");
        try
        {
            StateFolder.Make(stateDirectory);
            using FileStream file = StateFolder.Open(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            using (Utf8JsonWriter writer = new(file))
            {
                writer.WriteStartObject();
                writer.WriteString("at", time.GetUtcNow());
                writer.WriteString("user", Environment.UserName);
                writer.WriteString("sudoUser", invoker);
                writer.WriteString("command", command);
                writer.WriteStartArray("overridden");
                foreach (string reason in overridden)
                    writer.WriteStringValue(reason);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            file.WriteByte((byte)'\n');
            file.Flush(flushToDisk: true);
            return Unit.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is full, read-only or forbidden. An override that cannot be written down is not done.
            return new Fault(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel, $"{path} cannot be written, so the override was not done")
            {
                Cause = e.Message,
                Target = path,
                Remedy = "make room or give another directory with --state",
            };
        }
    }
}
