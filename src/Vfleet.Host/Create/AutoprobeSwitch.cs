using Vfleet.Host.State;
using Vfleet.Linux;
using Vfleet.Linux.Pci;

namespace Vfleet.Host.Create;

/// <summary>
/// Switches the probing of new VFs off for a change, and on again after it. That it was on is written down first: a process that is killed in
/// between leaves the record, and the next change of the PF puts things right.
/// </summary>
/// <param name="kernel">The kernel.</param>
/// <param name="options">Where the record is kept.</param>
/// <param name="pf">The PF.</param>
internal sealed class AutoprobeSwitch(IKernel kernel, HostOptions options, PciAddress pf)
{
    private readonly string _name = $"autoprobe/{pf}.json";
    private readonly Sriov _sriov = new(kernel.Files, options.Time);

    private string FilePath => Path.Combine(options.StateDirectory, _name);

    /// <summary>True where a change that was cut short has left probing off.</summary>
    public Outcome<bool> IsLeftOff()
    {
        if (!StateFile.Read(FilePath, RecordJson.ReadAutoprobe).Try(out AutoprobeRecord? record, out Fault? fault))
            return fault;
        // Every boot begins with probing on, so who switched it off since then meant it. A boot that cannot be read is no other one: the
        // record would be forgotten.
        return record is not null && (Boot.Id(kernel.Files) is not { } now || record.BootId == now);
    }

    /// <summary>Switches it off. Equivalent to <c>echo 0 &gt; /sys/bus/pci/devices/PF/sriov_drivers_autoprobe</c>.</summary>
    public Outcome<Unit> Off()
    {
        AutoprobeRecord record = new() { Pf = pf.ToString(), BootId = Boot.Id(kernel.Files) };
        Outcome<Unit> written = StateFile.Write(options.StateDirectory, _name, RecordJson.Write(record), survivesPowerCut: false);
        return written.Fault is null ? _sriov.SetAutoprobe(pf, false) : written;
    }

    /// <summary>Switches it on again where it was switched off; the record stays where that fails.</summary>
    public Outcome<Unit> Restore()
    {
        if (!IsLeftOff().Try(out bool isOff, out Fault? fault))
            return fault;
        // A PF that is gone has no such file any more.
        return isOff && _sriov.SetAutoprobe(pf, true).Fault is { Kind: not FaultKind.NotFound } stuck
            ? stuck
            : StateFile.Remove(FilePath, survivesPowerCut: false);
    }
}
