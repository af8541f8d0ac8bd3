using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Host.Tuning;

/// <summary>The CPUs that one VF's interrupts go to.</summary>
internal sealed class InterruptTuner(IFileTree files, VirtualFunction vf, PciAddress address)
{
    private readonly PciInterrupts _interrupts = new(files);

    /// <returns>Refused for a VF that is no PCI device.</returns>
    public static Outcome<InterruptTuner> Open(IFileTree files, VirtualFunction vf) => vf.Address is { } address
        ? new InterruptTuner(files, vf, address)
        : Fault.Unsupported($"{vf.Label} is no PCI device and has no interrupts", null, "leave the CPUs out of its tuning", vf.Label);

    /// <summary>The interrupts in use and where they go. A driver may allocate more than it requests, and those have no CPUs.</summary>
    public Outcome<IReadOnlyList<(int Number, CpuList Cpus)>> Read()
    {
        if (!_interrupts.Vectors(address).Try(out IReadOnlyList<int>? vectors, out Fault? fault))
            return fault;
        List<(int, CpuList)> found = [];
        foreach (int number in vectors)
        {
            Outcome<CpuList> affinity = _interrupts.Affinity(number);
            if (affinity.Try(out CpuList? cpus, out fault))
                found.Add((number, cpus));
            else if (fault.Kind != FaultKind.NotFound)
                return fault;
        }
        return found;
    }

    /// <summary>The CPUs that are wanted.</summary>
    /// <returns>Usage where one of them is not online, or where there is none.</returns>
    public Outcome<CpuList> Wanted(VfTuning tuning)
    {
        string path = tuning.Cpus is null ? PciPath.Attribute(address, "local_cpulist") : "/sys/devices/system/cpu/online";
        if (!files.ReadText(path).Try(out string? text, out Fault? fault))
            return fault;
        if (!CpuList.TryParse(text, out CpuList? listed))
            return Fault.FromErrno(Errno.EBADMSG, $"cat {path}", path, "it is no list of CPUs");
        CpuList wanted = tuning.Cpus ?? listed;
        if (wanted.Except(listed) is { IsEmpty: false } absent)
            return Fault.Usage($"{vf.Label}: CPUs {absent} are not online", $"online are {listed}", vf.Label);
        return wanted.IsEmpty ? Fault.Usage($"{vf.Label}: no CPU is named for its interrupts", target: vf.Label) : wanted;
    }

    /// <summary>
    /// One CPU for each interrupt, in turn. VFs begin at different CPUs, else the first CPU would serve the first interrupt of them all.
    /// </summary>
    public Outcome<Unit> Spread(CpuList cpus)
    {
        if (!Read().Try(out IReadOnlyList<(int Number, CpuList Cpus)>? now, out Fault? fault))
            return fault;
        if (now.Count == 0)
        {
            return Fault.Refused($"{vf.Label} has no interrupts in use", "its interface is down, or nobody has the device open",
                "bring the interface up first", vf.Label);
        }
        for (int i = 0; i < now.Count; i++)
        {
            CpuList one = new(cpus.Cpus[((vf.Index * now.Count) + i) % cpus.Cpus.Count]);
            if (Write(now[i].Number, now[i].Cpus, one) is { } refused)
                return refused;
        }
        return Unit.Done;
    }

    /// <summary>Puts interrupts back: by number while the driver has the same ones, else by their order.</summary>
    public Outcome<Unit> Restore(IReadOnlyList<InterruptBaseline> baseline)
    {
        if (!Read().Try(out IReadOnlyList<(int Number, CpuList Cpus)>? now, out Fault? fault))
            return fault;
        for (int i = 0; i < Math.Min(now.Count, baseline.Count); i++)
        {
            (int number, CpuList cpus) = now[i];
            InterruptBaseline before = baseline.FirstOrDefault(old => old.Number == number) ?? baseline[i];
            if (CpuList.TryParse(before.Cpus, out CpuList? old) && Write(number, cpus, old) is { } refused)
                return refused;
        }
        return Unit.Done;
    }

    /// <summary>Interrupts that may go elsewhere than to these CPUs, or do.</summary>
    public Outcome<IReadOnlyList<TuningDifference>> Verify(CpuList cpus)
    {
        if (!Read().Try(out IReadOnlyList<(int Number, CpuList Cpus)>? now, out Fault? fault))
            return fault;
        List<TuningDifference> differences = [];
        foreach ((int number, CpuList allowed) in now)
        {
            // Where the kernel was built without it, what is allowed has to do; a vector whose interface is down goes nowhere.
            CpuList effective = _interrupts.EffectiveAffinity(number).Or(null) is { IsEmpty: false } real ? real : allowed;
            if (!allowed.IsWithin(cpus) || !effective.IsWithin(cpus))
            {
                string found = allowed.IsWithin(cpus) ? effective.ToString() : allowed.ToString();
                differences.Add(new TuningDifference(Word(number), cpus.ToString(), found));
            }
        }
        return differences;
    }

    private Fault? Write(int number, CpuList now, CpuList wanted)
    {
        if (now.Equals(wanted) || _interrupts.SetAffinity(number, wanted).Fault is not { } fault)
            return null;
        if (fault.Kind != FaultKind.Kernel)
            return fault;
        string driver = vf.Driver ?? "(none)";
        return Fault.Unsupported($"{vf.Label}: driver {driver} refuses {Word(number)} on CPU {wanted}",
            fault.Errno == Errno.EIO ? "the kernel chooses the CPUs of this driver's interrupts itself" : fault.Error,
            "leave the CPUs out of the VF's tuning", vf.Label) with { Operation = fault.Operation, Errno = fault.Errno };
    }

    private static string Word(int number) => string.Create(CultureInfo.InvariantCulture, $"irq {number}");
}
