using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Vfio;

/// <summary>An open device. Closing it resets the function again, as vfio-pci does.</summary>
internal sealed class VfioHandle(SimulatedMachine machine, PciDevice device, int group) : IVfioDevice
{
    private bool _closed;

    public Outcome<Unit> Reset()
    {
        Errno refusal = _closed ? Errno.EBADF : PciReset.Carry(machine, device);
        return refusal == Errno.None ? Unit.Done : Fault.FromErrno(refusal, "ioctl VFIO_DEVICE_RESET", device.Name);
    }

    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        PciReset.Carry(machine, device);
        machine.Vfio.Release(group);
    }
}

/// <summary>A group that another process holds.</summary>
internal sealed class VfioHold(SimulatedMachine machine, int group) : IDisposable
{
    public void Dispose() => machine.Vfio.Release(group);
}
