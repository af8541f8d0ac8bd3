using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux;

namespace Vfleet.Host.Tuning;

/// <summary>
/// Tunes VFs for their owners and puts them back. The caller holds the VF's lock, has read the VF under it with the namespace its interface
/// is in, and keeps the baseline durably before it applies anything.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">The clock and how long what is stuck is waited for.</param>
/// <param name="left">Notes what goes on after its deadline.</param>
public sealed class VfTuner(IKernel kernel, HostOptions options, UnendedWork left)
{
    /// <summary>What the VF is now, of that which is to be tuned. Nothing is changed.</summary>
    /// <returns>A refusal with driver and setting where the driver lacks one, or where CPUs are not online.</returns>
    public async Task<Outcome<TuningBaseline>> ReadAsync(VirtualFunction vf, VfTuning tuning, CancellationToken cancel = default)
    {
        TuningBaseline baseline = new() { Vf = vf.Label };
        if (tuning.HasCpus)
        {
            if (!InterruptTuner.Open(kernel.Files, vf).Try(out InterruptTuner? interrupts, out Fault? fault)
                || !interrupts.Wanted(tuning).Try(out _, out fault)
                || !interrupts.Read().Try(out IReadOnlyList<(int Number, CpuList Cpus)>? now, out fault))
                return fault;
            baseline = baseline with { Interrupts = [.. now.Select(one => new InterruptBaseline(one.Number, one.Cpus.ToString()))] };
        }
        if (tuning.Interface.IsEmpty)
            return baseline;
        if (!InterfaceTuner.Open(kernel, vf, left).Try(out InterfaceTuner? tuner, out Fault? closed))
            return closed;
        using (tuner)
        {
            Outcome<InterfaceTuning> read = await tuner.ReadAsync(tuning.Interface, cancel).ConfigureAwait(false);
            if (!read.Try(out InterfaceTuning? values, out Fault? fault))
                return fault;
            return tuner.Missing(tuning.Interface, values) is { } missing ? missing : baseline with { Interface = values };
        }
    }

    /// <summary>Applies a tuning whole, or puts back what was changed; reads everything back.</summary>
    /// <param name="vf">The VF.</param>
    /// <param name="tuning">What is wanted.</param>
    /// <param name="baseline">What <see cref="ReadAsync"/> gave for the same tuning.</param>
    /// <param name="cancel">Ends the work; what was changed is put back first.</param>
    /// <returns>A refusal that names driver and setting.</returns>
    public async Task<Outcome<Unit>> ApplyAsync(
        VirtualFunction vf, VfTuning tuning, TuningBaseline baseline, CancellationToken cancel = default)
    {
        Outcome<Unit> applied;
        try
        {
            applied = await WriteAsync(vf, tuning, cancel).ConfigureAwait(false);
            if (applied.Succeeded)
                applied = await ReadBackAsync(vf, tuning, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Whoever is cancelled puts back what it began; that the way back failed weighs more than the cancellation.
            Outcome<Unit> undone = await RestoreAsync(vf, baseline, CancellationToken.None).ConfigureAwait(false);
            if (undone.Fault is { } stays)
                return stays with { Error = $"{vf.Label} was not put back: {stays.Error}" };
            throw;
        }
        if (applied.Fault is not { } fault)
            return applied;
        Outcome<Unit> back = await RestoreAsync(vf, baseline, CancellationToken.None).ConfigureAwait(false);
        return back.Fault is { } stuck
            ? fault with { Cause = $"{fault.Cause ?? fault.Error}; and it was not put back: {stuck.Error}" }
            : fault;
    }

    /// <summary>
    /// Puts back what was before; only what differs is written, and what a driver refuses keeps nothing else from being put back.
    /// </summary>
    /// <returns>Success too where the VF has no interface any more: a driver that is bound anew begins with its own values.</returns>
    public async Task<Outcome<Unit>> RestoreAsync(VirtualFunction vf, TuningBaseline baseline, CancellationToken cancel = default)
    {
        Fault? first = await left.WaitAsync(options.ReadDeadline, options.Time).ConfigureAwait(false)
            ? null
            : Fault.TimedOut($"{vf.Label}: the kernel still works on an earlier change",
                "what is put back now would be undone by it", target: vf.Label);
        if (first is null && !baseline.Interface.IsEmpty && vf.Link is not null)
        {
            foreach (InterfaceTuning part in baseline.Interface.Parts)
            {
                Outcome<Unit> written = await WriteAsync(vf, part, cancel).ConfigureAwait(false);
                first ??= written.Fault;
            }
        }
        if (baseline.Interrupts.Count > 0 && InterruptTuner.Open(kernel.Files, vf).Try(out InterruptTuner? interrupts, out _))
        {
            Outcome<Unit> restored = interrupts.Restore(baseline.Interrupts);
            first ??= restored.Fault;
        }
        return first is null ? Unit.Done : first;
    }

    /// <summary>What is not as the tuning wants it; empty where everything is.</summary>
    public async Task<Outcome<IReadOnlyList<TuningDifference>>> VerifyAsync(
        VirtualFunction vf, VfTuning tuning, CancellationToken cancel = default)
    {
        List<TuningDifference> differences = [];
        if (!tuning.Interface.IsEmpty)
        {
            if (!InterfaceTuner.Open(kernel, vf, left).Try(out InterfaceTuner? tuner, out Fault? fault))
                return fault;
            using (tuner)
            {
                Outcome<InterfaceTuning> read = await tuner.ReadAsync(tuning.Interface, cancel).ConfigureAwait(false);
                if (!read.Try(out InterfaceTuning? now, out fault))
                    return fault;
                differences.AddRange(Compare(tuning.Interface, now));
            }
        }
        if (tuning.HasCpus)
        {
            if (!InterruptTuner.Open(kernel.Files, vf).Try(out InterruptTuner? interrupts, out Fault? fault)
                || !interrupts.Wanted(tuning).Try(out CpuList? cpus, out fault)
                || !interrupts.Verify(cpus).Try(out IReadOnlyList<TuningDifference>? found, out fault))
                return fault;
            differences.AddRange(found);
        }
        return differences;
    }

    private async Task<Outcome<Unit>> WriteAsync(VirtualFunction vf, VfTuning tuning, CancellationToken cancel)
    {
        if (!tuning.Interface.IsEmpty && (await WriteAsync(vf, tuning.Interface, cancel).ConfigureAwait(false)).Fault is { } refused)
            return refused;
        if (!tuning.HasCpus)
            return Unit.Done;
        // Last: channels allocate their interrupts anew.
        return InterruptTuner.Open(kernel.Files, vf).Try(out InterruptTuner? interrupts, out Fault? fault)
            && interrupts.Wanted(tuning).Try(out CpuList? cpus, out fault) ? interrupts.Spread(cpus) : fault;
    }

    private async Task<Outcome<Unit>> WriteAsync(VirtualFunction vf, InterfaceTuning wanted, CancellationToken cancel)
    {
        if (!InterfaceTuner.Open(kernel, vf, left).Try(out InterfaceTuner? tuner, out Fault? fault))
            return fault;
        using (tuner)
        {
            Outcome<InterfaceTuning> read = await tuner.ReadAsync(wanted, cancel).ConfigureAwait(false);
            return read.Try(out InterfaceTuning? now, out fault)
                ? await tuner.WriteAsync(wanted.Unlike(now), cancel).ConfigureAwait(false)
                : fault;
        }
    }

    private async Task<Outcome<Unit>> ReadBackAsync(VirtualFunction vf, VfTuning tuning, CancellationToken cancel)
    {
        Outcome<IReadOnlyList<TuningDifference>> verified = await VerifyAsync(vf, tuning, cancel).ConfigureAwait(false);
        if (!verified.Try(out IReadOnlyList<TuningDifference>? differences, out Fault? fault))
            return fault;
        return differences.Count == 0
            ? Unit.Done
            : Fault.Unsupported($"{vf.Label}: driver {vf.Driver ?? vf.Pf.Driver ?? "(unknown)"} took {differences[0].Setting} otherwise",
                string.Join("; ", differences), "ask for a value the driver takes as it is", vf.Label);
    }

    private static IEnumerable<TuningDifference> Compare(InterfaceTuning wanted, InterfaceTuning now)
    {
        foreach (((string word, uint? value), (_, uint? found)) in wanted.Settings.Zip(now.Settings))
        {
            if (value is { } number && number != found)
                yield return new TuningDifference(word, Text(number), found is { } other ? Text(other) : null);
        }
    }

    private static string Text(uint value) => value.ToString(CultureInfo.InvariantCulture);
}
