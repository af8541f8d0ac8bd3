using Vfleet.Cni.Protocol;
using Vfleet.Node.Census;
using Vfleet.Node.Pools;

namespace Vfleet.Cni.Commands;

/// <summary>
/// STATUS: ready where the pool, its VFs' drivers and the address plugin are. A pool that is exhausted is ready: something comes back.
/// </summary>
/// <param name="run">The call.</param>
internal sealed class StatusCommand(CniRun run)
{
    public async Task<CniOutcome<byte[]>> RunAsync(CancellationToken cancel)
    {
        if (CniVersion.CheckCommand("STATUS", run.Config.CniVersion, since: "1.1.0") is { } unknown)
            return unknown;
        Outcome<NodeReading> read = await run.Node.Census.RehearseAsync(cancel).ConfigureAwait(false);
        if (!read.Try(out NodeReading? reading, out Fault? fault))
            return NotReady(fault.Error, fault.Remedy);
        if (run.Config.Pool is { } pool)
        {
            if (!reading.Pools.Find(pool).Try(out PoolDefinition? found, out fault))
                return NotReady(fault.Error, fault.Remedy);
            if (!reading.Pools.VfsOf(found.Name).Any(vf => vf.Driver is not null))
                return NotReady($"pool {pool} has no VF with a driver", "see `vfleet vf list`");
        }
        else if (!reading.Machine.Vfs.Any(vf => vf.Driver is not null))
        {
            return NotReady("this machine has no VF with a driver", "make some: `vfleet vf create PF N`");
        }
        return run.Config.IpamType is null || (await run.IpamAsync("STATUS", cancel).ConfigureAwait(false)).Error is not { } ipam
            ? CniRun.Nothing
            : NotReady(ipam.Message, ipam.Details);
    }

    private static CniError NotReady(string message, string? details) => new(CniCode.NotAvailable, message, details);
}
