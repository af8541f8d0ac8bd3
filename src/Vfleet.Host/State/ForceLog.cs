using System.Text.Json;
using Vfleet.Host.Locks;
using Vfleet.Linux;

namespace Vfleet.Host.State;

/// <summary>Refusals that were overridden, one JSON line each, durable before the change: <c>forced.jsonl</c> in the state directory.</summary>
/// <param name="options">The state directory, made when needed, and the clock.</param>
/// <param name="invoker">Who became root to do it, as sudo(8) tells in SUDO_USER; null where nobody did.</param>
public sealed class ForceLog(HostOptions options, string? invoker)
{
    /// <summary>Appends a line: when, which user, on whose behalf, what, and which refusals.</summary>
    public async Task<Outcome<Unit>> AppendAsync(string command, IEnumerable<string> overridden, CancellationToken cancel = default)
    {
        // The runtime looks for the file's end when it opens it: of two at once, one would overwrite the other.
        Fault late = Fault.TimedOut("another process writes its override down", null, "try again when it is done");
        Outcome<FileStream> locked = await StateLock.TakeAsync(
            options, "forced", isShared: false, new LockPatience(options.LockDeadline, late), cancel).ConfigureAwait(false);
        if (!locked.Try(out FileStream? held, out Fault? fault))
            return fault with { Error = $"{fault.Error}, so the override was not done" };
        using (held)
            return Append(command, overridden);
    }

    /// <summary>A refusal as it is written down.</summary>
    public static string Words(Fault refusal) => refusal.Cause is null ? refusal.Error : $"{refusal.Error}: {refusal.Cause}";

    private Outcome<Unit> Append(string command, IEnumerable<string> overridden)
    {
        string path = Path.Combine(options.StateDirectory, "forced.jsonl");
        try
        {
            using FileStream file = StateFolder.Open(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            using (Utf8JsonWriter writer = new(file))
            {
                writer.WriteStartObject();
                writer.WriteString("at", options.Time.GetUtcNow());
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
