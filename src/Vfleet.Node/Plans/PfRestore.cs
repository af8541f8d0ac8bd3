using Vfleet.Host;
using Vfleet.Host.Create;
using Vfleet.Host.Drivers;
using Vfleet.Host.Inventory;
using Vfleet.Host.Settings;
using Vfleet.Linux.Generic.Devlink;

namespace Vfleet.Node.Plans;

/// <summary>
/// Puts a PF back to what it was: eswitch mode, number of VFs, their drivers, MTUs. It looks at what there is and changes what differs, so
/// it does not matter how far the change had come. VFs that somebody has meanwhile are not destroyed.
/// </summary>
/// <param name="host">The machine.</param>
/// <param name="was">The PF as it was.</param>
/// <param name="vfs">Its VFs as they were.</param>
internal sealed class PfRestore(SriovHost host, PhysicalFunction was, IReadOnlyList<VirtualFunction> vfs)
{
    private readonly PfSetter _setter = new(host.Kernel, host.Options);

    /// <summary>Puts it back.</summary>
    /// <returns>Null, or what could not be put back.</returns>
    public async Task<Fault?> RunAsync()
    {
        if (await RestoreModeAsync().ConfigureAwait(false) is { } noMode)
            return noMode;
        if (await CountAsync(vfs.Count).ConfigureAwait(false) is { } noVfs)
            return noVfs;
        if (await RestoreDriversAsync().ConfigureAwait(false) is { } noDriver)
            return noDriver;
        return await RestoreMtusAsync().ConfigureAwait(false);
    }

    private async Task<Fault?> RestoreModeAsync()
    {
        if (was.EswitchMode is not { } mode)
            return null;
        Outcome<PhysicalFunction> found = await host.FindPfAsync(was.DeviceName).ConfigureAwait(false);
        if (!found.Try(out PhysicalFunction? pf, out Fault? fault))
            return fault;
        pf = (await FirmwareReader.CompleteAsync(host.Kernel, [pf], CancellationToken.None).ConfigureAwait(false))[0];
        if (pf.EswitchMode == mode)
            return null;
        if (await CountAsync(0).ConfigureAwait(false) is { } stuck)
            return stuck;
        EswitchMode wanted = mode == DevlinkWords.Of(EswitchMode.Switchdev) ? EswitchMode.Switchdev : EswitchMode.Legacy;
        return (await _setter.SetEswitchModeAsync(was.DeviceName, wanted).ConfigureAwait(false)).Fault;
    }

    /// <summary>The number of VFs with the drivers they had; binds those that have none where the number is right.</summary>
    private async Task<Fault?> CountAsync(int count)
    {
        DriverRange[] drivers = [.. vfs.Select(vf => new DriverRange(vf.Index, vf.Index, vf.Driver))];
        Outcome<CreatePlan> planned =
            await host.Creator.PlanAsync(was.DeviceName, count, NativeDriver.None, drivers, force: false).ConfigureAwait(false);
        if (!planned.Try(out CreatePlan? plan, out Fault? fault))
            return fault;
        return (await host.Creator.ApplyAsync(plan, force: false).ConfigureAwait(false)).Fault;
    }

    private async Task<Fault?> RestoreDriversAsync()
    {
        Outcome<IReadOnlyList<VirtualFunction>> read = await host.ListVfsAsync(was.DeviceName).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<VirtualFunction>? now, out Fault? fault))
            return fault;
        foreach ((VirtualFunction vf, VirtualFunction before) in now.Zip(vfs).Where(pair => pair.First.Driver != pair.Second.Driver))
        {
            Outcome<VirtualFunction> bound =
                await host.BindAsync(vf.Label, before.Driver ?? NativeDriver.None, force: false, dryRun: false).ConfigureAwait(false);
            if (bound.Fault is not null)
                return bound.Fault;
        }
        return null;
    }

    private async Task<Fault?> RestoreMtusAsync()
    {
        Outcome<IReadOnlyList<VirtualFunction>> read = await host.ListVfsAsync(was.DeviceName).ConfigureAwait(false);
        if (!read.Try(out IReadOnlyList<VirtualFunction>? now, out Fault? fault))
            return fault;
        foreach ((VirtualFunction vf, VirtualFunction before) in now.Zip(vfs))
        {
            if (vf is not { Link: { } link, NamespacePath: null } || before.Link?.Mtu is not { } mtu || link.Mtu == mtu)
                continue;
            if ((await _setter.SetVfMtuAsync([vf.Label], mtu).ConfigureAwait(false)).Fault is { } refused)
                return refused;
        }
        Outcome<PhysicalFunction> found = await host.FindPfAsync(was.DeviceName).ConfigureAwait(false);
        if (!found.Try(out PhysicalFunction? pf, out fault))
            return fault;
        return was.Mtu is { } wanted && pf.Mtu != wanted
            ? (await _setter.SetMtuAsync(was.DeviceName, wanted).ConfigureAwait(false)).Fault
            : null;
    }
}
