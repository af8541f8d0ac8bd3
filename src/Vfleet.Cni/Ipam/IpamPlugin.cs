using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using Vfleet.Cni.Config;
using Vfleet.Cni.Protocol;
using Vfleet.Linux.Real;

namespace Vfleet.Cni.Ipam;

/// <summary>What an address plugin is called with.</summary>
/// <param name="Command">ADD, DEL, CHECK, STATUS or GC.</param>
/// <param name="ContainerId">CNI_CONTAINERID.</param>
/// <param name="Namespace">CNI_NETNS; may be empty.</param>
/// <param name="InterfaceName">CNI_IFNAME.</param>
/// <param name="Arguments">CNI_ARGS, as they came.</param>
/// <param name="Path">CNI_PATH.</param>
internal sealed record IpamCall(string Command, string ContainerId, string Namespace, string InterfaceName, string Arguments, string Path);

/// <summary>Calls an address plugin as CNI has it: the same configuration, another program. Source: CNI SPEC 1.1.0, section 4.</summary>
/// <param name="deadline">How long it may take before it is ended.</param>
internal sealed class IpamPlugin(TimeSpan deadline)
{
    private const int LongestAnswer = 1 << 20, LongestWords = 1 << 14;

    /// <summary>What a plugin wrote is there when it ends; who holds its streams longer has nothing to say.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    /// <summary>Calls the plugin.</summary>
    /// <param name="type">Its name.</param>
    /// <param name="call">What for.</param>
    /// <param name="config">The network's configuration.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What it wrote.</returns>
    public async Task<CniOutcome<byte[]>> RunAsync(string type, IpamCall call, ReadOnlyMemory<byte> config, CancellationToken cancel)
    {
        if (Find(type, call.Path) is not { } file)
            return NotFound(type, call.Path);
        using Process process = new() { StartInfo = Start(file, call) };
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(deadline);
        Task streams = Task.CompletedTask;
        try
        {
            _ = process.Start();
            Task<byte[]> words = BoundedStream.ReadBeginningAsync(process.StandardError.BaseStream, LongestWords, late.Token);
            Task<byte[]?> answer = BoundedStream.ReadAsync(process.StandardOutput.BaseStream, LongestAnswer, late.Token);
            streams = Task.WhenAll((Task)words, answer);
            await FeedAsync(process, config, late.Token).ConfigureAwait(false);
            Task exit = process.WaitForExitAsync(late.Token);
            if (await Task.WhenAny(exit, answer).ConfigureAwait(false) == exit)
                await AloneAsync(process, streams, late.Token).ConfigureAwait(false);
            if (await answer.ConfigureAwait(false) is not { } bytes)
                return Failure($"{type} answered {call.Command} with more than {LongestAnswer} bytes and was ended");
            await exit.ConfigureAwait(false);
            await AloneAsync(process, streams, late.Token).ConfigureAwait(false);
            string said = Encoding.UTF8.GetString(await words.ConfigureAwait(false));
            return process.ExitCode == 0 || IsTooOld(call.Command, bytes)
                ? bytes
                : Failed(type, call.Command, process.ExitCode, bytes, said);
        }
        catch (Exception e) when (e is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return Failure($"{type} did not end {call.Command} within {deadline.TotalSeconds:0.###} s and was ended");
        }
        catch (Win32Exception e)
        {
            // The runtime's only way to say that a program cannot be started.
            return Failure($"{file} cannot be run", e.Message);
        }
        finally
        {
            End(process);
            if (!streams.IsCompletedSuccessfully)
                EndHolders(process);
        }
    }

    /// <summary>Waits until the streams of a plugin that ended are at their end; children it left behind with them are ended.</summary>
    private static async Task AloneAsync(Process process, Task streams, CancellationToken cancel)
    {
        if (!streams.IsCompleted && await Task.WhenAny(streams, Task.Delay(Grace, cancel)).ConfigureAwait(false) != streams)
            EndHolders(process);
        await streams.ConfigureAwait(false);
    }

    private static void EndHolders(Process process)
    {
        foreach (StreamReader stream in (StreamReader[])[process.StandardOutput, process.StandardError])
        {
            if (stream.BaseStream is PipeStream pipe)
                PipeHolders.End((int)pipe.SafePipeHandle.DangerousGetHandle());
        }
    }

    /// <summary>Has an address given back.</summary>
    /// <param name="type">The plugin's name.</param>
    /// <param name="del">Whose address; its command is DEL.</param>
    /// <param name="config">The network's configuration.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Null where it was given back; else the error, which says whose it is.</returns>
    public async Task<CniError?> GiveBackAsync(string type, IpamCall del, ReadOnlyMemory<byte> config, CancellationToken cancel) =>
        (await RunAsync(type, del, config, cancel).ConfigureAwait(false)).Error is { } why
            ? why with { Message = $"the address of {del.ContainerId} {del.InterfaceName} was not given back: {why.Message}" }
            : null;

    /// <summary>The error of a plugin that is not there; null where it is.</summary>
    public static CniError? Missing(string type, string path) => Find(type, path) is null ? NotFound(type, path) : null;

    /// <summary>A plugin's file; null where no folder has it. A name with a slash is no name.</summary>
    private static string? Find(string type, string path)
    {
        if (type.Contains('/', StringComparison.Ordinal) || type is "." or "..")
            return null;
        foreach (string folder in path.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string file = Path.Combine(folder, type);
            if (File.Exists(file))
                return file;
        }
        return null;
    }

    private static CniError NotFound(string type, string path) =>
        new(CniCode.InvalidConfiguration, $"ipam plugin \"{type}\" was not found", $"CNI_PATH is {path}");

    private static ProcessStartInfo Start(string file, IpamCall call)
    {
        ProcessStartInfo start = new(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["CNI_COMMAND"] = call.Command;
        start.Environment["CNI_CONTAINERID"] = call.ContainerId;
        start.Environment["CNI_NETNS"] = call.Namespace;
        start.Environment["CNI_IFNAME"] = call.InterfaceName;
        start.Environment["CNI_ARGS"] = call.Arguments;
        start.Environment["CNI_PATH"] = call.Path;
        return start;
    }

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> config, CancellationToken cancel)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(config, cancel).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says why.
        }
    }

    private static CniError Failed(string type, string command, int code, byte[] answer, string said)
    {
        string? words = Words(answer)
            ?? (said.Length > 0 ? said.Trim() : null)
            ?? (answer.Length > 0 ? Encoding.UTF8.GetString(answer).Trim() : null);
        return Failure($"{type} failed {command}: {words ?? $"it ended with {code} and said nothing"}");
    }

    private static CniError Failure(string what, string? details = null) => new(CniCode.Ipam, $"ipam plugin {what}", details);

    /// <summary>
    /// True where a plugin does not know GC or STATUS, which came with CNI 1.1.0: one that is older has nothing to collect and no state to
    /// tell, and is no reason to take a node for not ready. Source: github.com/containernetworking/cni, pkg/skel/skel.go: code 4, "unknown
    /// CNI_COMMAND".
    /// </summary>
    private static bool IsTooOld(string command, byte[] answer) => command is "GC" or "STATUS"
        && CniJson.Parse(answer, out _) is { } json && json.Find("code") is { ValueKind: JsonValueKind.Number } code
        && code.TryGetInt32(out int number) && number == (int)CniCode.InvalidEnvironment
        && json.Find("msg") is { ValueKind: JsonValueKind.String } message
        && message.GetString()!.Contains("unknown CNI_COMMAND", StringComparison.Ordinal);

    /// <summary>The message of a CNI error; null where it is none.</summary>
    private static string? Words(byte[] answer)
    {
        if (CniJson.Parse(answer, out _) is not { } json || json.Find("msg") is not { } message)
            return null;
        return json.Find("details")?.ToString() is { Length: > 0 } details ? $"{message}: {details}" : message.ToString();
    }

    private static void End(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It never started, or ended this moment.
        }
    }
}
