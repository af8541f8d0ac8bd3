using Vfleet.Linux.Generic.Devlink;
using Vfleet.Simulation.Drivers;
using Vfleet.Simulation.Netlink;
using Vfleet.Simulation.Pci;

namespace Vfleet.Simulation.Generic;

/// <summary>devlink as far as it is simulated: devices, their versions, the eswitch mode. Source: net/devlink/dev.c.</summary>
internal static class DevlinkService
{
    private const ushort Legacy = 0, Switchdev = 1;

    public static Refusal Handle(SimulatedMachine machine, Reply reply, GenericRequest request)
    {
        SimulatedDevice[] all = [.. machine.Devices.Where(IsInstance)];
        if (request.IsDump)
            return Dump(all, reply, request.Command);
        AttributeSet attributes = request.Attributes;
        if (attributes.Text(DevlinkAttribute.BusName) is not { } bus || attributes.Text(DevlinkAttribute.DevName) is not { } name)
            return Errno.EINVAL;
        if (Array.Find(all, device => device.Bus == bus && device.Name == name) is not { } found)
            return Errno.ENODEV;
        if (request.Command == DevlinkCommand.EswitchSet)
            return machine.Privileged ? SetEswitch(found, attributes.ShortNumber(DevlinkAttribute.EswitchMode)) : Errno.EPERM;
        return Write(reply, found, request.Command);
    }

    private static Refusal Dump(SimulatedDevice[] all, Reply reply, byte command)
    {
        if (command is not (DevlinkCommand.Get or DevlinkCommand.InfoGet or DevlinkCommand.HealthReporterGet))
            return Errno.EOPNOTSUPP;
        reply.BeginDump();
        if (command == DevlinkCommand.HealthReporterGet)
            return WriteReporters(all, reply);
        foreach (SimulatedDevice device in all)
            Write(reply, device, command);
        return Refusal.None;
    }

    /// <summary>Source: net/devlink/health.c, devlink_nl_health_reporter_fill.</summary>
    private static Refusal WriteReporters(SimulatedDevice[] all, Reply reply)
    {
        foreach (SimulatedDevice device in all)
        {
            foreach ((string name, SimulatedReporter reporter) in device.Reporters)
            {
                MessageWriter writer = GenericService.BeginDevlink(reply, DevlinkCommand.HealthReporterGet);
                writer.Put(DevlinkAttribute.BusName, device.Bus);
                writer.Put(DevlinkAttribute.DevName, device.Name);
                int nest = writer.BeginNest(DevlinkAttribute.HealthReporter, true);
                writer.Put(DevlinkAttribute.HealthReporterName, name);
                writer.Put(DevlinkAttribute.HealthReporterState, (byte)(reporter.Healthy ? 0 : 1));
                writer.Put(DevlinkAttribute.HealthReporterErrorCount, reporter.Errors);
                writer.Put(DevlinkAttribute.HealthReporterRecoverCount, reporter.Healthy ? reporter.Errors : 0);
                writer.EndNest(nest);
                reply.Add(writer);
            }
        }
        return Refusal.None;
    }

    private static Refusal Write(Reply reply, SimulatedDevice device, byte command)
    {
        if (command is not (DevlinkCommand.Get or DevlinkCommand.InfoGet or DevlinkCommand.EswitchGet))
            return Errno.EOPNOTSUPP;
        MessageWriter writer = GenericService.BeginDevlink(reply, command == DevlinkCommand.Get ? DevlinkCommand.New : command);
        writer.Put(DevlinkAttribute.BusName, device.Bus);
        writer.Put(DevlinkAttribute.DevName, device.Name);
        if (command == DevlinkCommand.Get)
            writer.Put(DevlinkAttribute.ReloadFailed, (byte)0);
        else if (command == DevlinkCommand.InfoGet)
            WriteVersions(writer, device.Traits!);
        else if (device.Traits is { Switchdev: true })
            WriteEswitch(writer, device);
        reply.Add(writer);
        return Refusal.None;
    }

    private static void WriteVersions(MessageWriter writer, NicTraits traits)
    {
        writer.Put(DevlinkAttribute.InfoDriverName, traits.PfDriver);
        foreach (int kind in (int[])[DevlinkAttribute.InfoVersionRunning, DevlinkAttribute.InfoVersionStored])
        {
            int version = writer.BeginNest(kind, true);
            writer.Put(DevlinkAttribute.InfoVersionName, traits.FirmwareComponent);
            writer.Put(DevlinkAttribute.InfoVersionValue, traits.FirmwareVersion.Split(' ')[0]);
            writer.EndNest(version);
        }
    }

    private static void WriteEswitch(MessageWriter writer, SimulatedDevice device)
    {
        writer.Put(DevlinkAttribute.EswitchMode, device.Sriov!.Switchdev ? Switchdev : Legacy);
        writer.Put(DevlinkAttribute.EswitchInlineMode, (byte)0);
        writer.Put(DevlinkAttribute.EswitchEncapMode, (byte)0);
    }

    private static Refusal SetEswitch(SimulatedDevice device, ushort? mode)
    {
        NicTraits traits = device.Traits!;
        if (!traits.Switchdev)
            return Errno.EOPNOTSUPP;
        if (mode is null || mode == (device.Sriov!.Switchdev ? Switchdev : Legacy))
            return Refusal.None;
        if (traits.SwitchdevNeedsNoVfs && device.Sriov.Enabled > 0)
            return new Refusal(Errno.EOPNOTSUPP, $"{traits.PfDriver}: Changing eswitch mode is allowed only if there is no VFs created");
        if (mode > Switchdev)
            return Errno.EINVAL;
        device.Sriov.Switchdev = mode == Switchdev;
        return Refusal.None;
    }

    /// <summary>A device has an instance while its driver holds it.</summary>
    private static bool IsInstance(SimulatedDevice device) => device is NetdevsimDevice
        || (device is PciDevice { IsVirtual: false, Driver: FunctionDriver } && device.Traits is { Devlink: true });
}
