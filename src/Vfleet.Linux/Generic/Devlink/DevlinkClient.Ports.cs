using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Ports and their functions.</content>
public sealed partial class DevlinkClient
{
    /// <summary>Every port of every device. Equivalent to <c>devlink port show</c>.</summary>
    public ValueTask<Outcome<List<DevlinkPort>>> ListPortsAsync(CancellationToken cancel = default) =>
        DumpAsync(DevlinkCommand.PortGet, "devlink port show", _parser.Port, cancel);

    /// <summary>One port. Equivalent to <c>devlink port show DEV/INDEX</c>.</summary>
    public async ValueTask<Outcome<DevlinkPort>> GetPortAsync(DevlinkPortHandle port, CancellationToken cancel = default)
    {
        Outcome<NetlinkRequest> begun =
            await BeginAsync(DevlinkCommand.PortGet, port.Device, $"devlink port show {port}", cancel).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        request.Put(DevlinkAttribute.PortIndex, port.Index);
        return await _client.GetAsync(request, _parser.Port, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Changes the function behind a port. Equivalent to
    /// <c>devlink port function set DEV/INDEX [hw_addr A] [state S] [roce R] [migratable M]</c>.
    /// </summary>
    public async ValueTask<Outcome<Unit>> SetPortFunctionAsync(
        DevlinkPortHandle port, PortFunctionChange change, CancellationToken cancel = default)
    {
        if (change.Mac is { IsMulticast: true } wrong)
            return Fault.Usage($"{wrong} is a multicast address: a function takes the address of a station", target: port.ToString());
        Outcome<NetlinkRequest> begun =
            await BeginAsync(DevlinkCommand.PortSet, port.Device, Describe(port, change), cancel).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        request.Put(DevlinkAttribute.PortIndex, port.Index);
        Write(request, change);
        return await _client.ExecuteAsync(request, cancel).ConfigureAwait(false);
    }

    private static void Write(NetlinkRequest request, PortFunctionChange change)
    {
        int function = request.BeginNest(DevlinkAttribute.PortFunction);
        if (change.Mac is { } mac)
        {
            Span<byte> bytes = stackalloc byte[6];
            mac.Write(bytes);
            request.Put(PortFunctionAttribute.HardwareAddress, (ReadOnlySpan<byte>)bytes);
        }
        if (change.Active is { } active)
            request.Put(PortFunctionAttribute.State, (byte)(active ? 1 : 0));
        uint selector = Bit(change.Roce is not null, PortFunctionAttribute.CapabilityRoce)
            | Bit(change.Migratable is not null, PortFunctionAttribute.CapabilityMigratable);
        uint value = Bit(change.Roce == true, PortFunctionAttribute.CapabilityRoce)
            | Bit(change.Migratable == true, PortFunctionAttribute.CapabilityMigratable);
        if (selector != 0)
            request.Put(PortFunctionAttribute.Capabilities, new BitField32(value, selector));
        request.EndNest(function);
    }

    private static uint Bit(bool on, uint bit) => on ? bit : 0;

    private static string Describe(DevlinkPortHandle port, PortFunctionChange change)
    {
        string text = $"devlink port function set {port}";
        if (change.Mac is { } mac)
            text += $" hw_addr {mac}";
        if (change.Active is { } active)
            text += $" state {(active ? "active" : "inactive")}";
        if (change.Roce is { } roce)
            text += $" roce {(roce ? "enable" : "disable")}";
        if (change.Migratable is { } migratable)
            text += $" migratable {(migratable ? "enable" : "disable")}";
        return text;
    }
}
