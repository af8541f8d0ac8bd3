using System.Text.Json;
using System.Text.Json.Serialization;
using Vfleet.Cli.Lab.Image;

namespace Vfleet.Cli.Lab.Qemu;

/// <summary>
/// Finds out whether KVM really boots the lab's kernel: there are machines where /dev/kvm opens and the guest dies at once.
/// The verdict is kept until the host's kernel, QEMU or the lab's kernel changes.
/// </summary>
internal sealed class AcceleratorProbe(string cache, TimeProvider time)
{
    private const string Device = "/dev/kvm";

    /// <summary>With KVM the kernel is up within two seconds, on a loaded machine within a few.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    internal async Task<Accelerator> ChooseAsync(LabImage image, string qemuVersion, IProgress<string> progress, CancellationToken cancellation)
    {
        if (!CanOpenDevice())
            return Accelerator.Tcg;
        string key = $"{await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellation)}|{qemuVersion}|{image.Kernel.Release}";
        string file = Path.Combine(cache, "kvm.json");
        if (await ReadAsync(file, cancellation) is { } known && known.Key == key)
            return known.Works ? Accelerator.Kvm : Accelerator.Tcg;

        progress.Report("trying KVM");
        bool works = await TryAsync(image, cancellation);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new KvmVerdict(key, works), VerdictJson.Default.KvmVerdict);
        await File.WriteAllBytesAsync(file, json, cancellation);
        progress.Report(works ? "KVM works" : "KVM does not work here; the lab uses software emulation");
        return works ? Accelerator.Kvm : Accelerator.Tcg;
    }

    private async Task<bool> TryAsync(LabImage image, CancellationToken cancellation)
    {
        string directory = Path.Combine(cache, $"probe-{Guid.NewGuid():N}");
        Directory.CreateDirectory(directory);
        string console = Path.Combine(directory, "console.log");
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<ProgramResult> qemu = Programs.RunAsync(HostTools.Qemu, QemuArguments.ForProbe(image, Accelerator.Kvm, console), limit.Token);
        try
        {
            long start = time.GetTimestamp();
            while (!qemu.IsCompleted && !LogTail.Contains(console, "probe passed") && time.GetElapsedTime(start) < Deadline)
                await Task.Delay(Poll, time, cancellation);
            return LogTail.Contains(console, "probe passed");
        }
        finally
        {
            await limit.CancelAsync();
            await qemu.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            Directory.Delete(directory, recursive: true);
        }
    }

    private static bool CanOpenDevice()
    {
        try
        {
            using FileStream device = new(Device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Absent or not ours: either way there is no KVM.
            return false;
        }
    }

    private static async Task<KvmVerdict?> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            return JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file, cancellation), VerdictJson.Default.KvmVerdict);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // No verdict yet, or a damaged one: try again.
            return null;
        }
    }
}

/// <summary>Whether KVM booted the lab's kernel, and with which versions that was tried.</summary>
internal sealed record KvmVerdict(string Key, bool Works);

[JsonSerializable(typeof(KvmVerdict))]
internal sealed partial class VerdictJson : JsonSerializerContext;
