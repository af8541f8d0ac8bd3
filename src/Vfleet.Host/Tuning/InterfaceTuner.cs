using Vfleet.Host.Inventory;
using Vfleet.Linux;
using Vfleet.Linux.Generic.Ethtool;

namespace Vfleet.Host.Tuning;

/// <summary>Settings of one VF's interface over ethtool, in the namespace it is in.</summary>
internal sealed class InterfaceTuner : IDisposable
{
    private readonly NetworkNamespace? _within;
    private readonly EthtoolClient _client;
    private readonly VirtualFunction _vf;

    private InterfaceTuner(VirtualFunction vf, EthtoolClient client, NetworkNamespace? within)
    {
        _vf = vf;
        _client = client;
        _within = within;
    }

    private string Name => _vf.Link!.Name;

    /// <returns>Refused where the VF has no interface that could be found.</returns>
    public static Outcome<InterfaceTuner> Open(IKernel kernel, VirtualFunction vf, UnendedWork left)
    {
        if (vf.Link is null)
        {
            return Fault.Refused($"{vf.Label} has no interface to tune", $"driver {vf.Driver ?? "(none)"} is bound",
                "leave coalescing, channels and rings out of its tuning", vf.Label);
        }
        NetworkNamespace? within = null;
        if (vf.NamespacePath is { } path && !kernel.OpenNamespace(path).Try(out within, out Fault? fault))
            return fault;
        if (EthtoolClient.Open(kernel, within, left).Try(out EthtoolClient? client, out Fault? closed))
            return new InterfaceTuner(vf, client, within);
        within?.Dispose();
        return closed;
    }

    /// <summary>The settings that <paramref name="named"/> names, as they are.</summary>
    /// <returns>A refusal with driver and setting where the driver lacks one of them.</returns>
    public async Task<Outcome<InterfaceTuning>> ReadAsync(InterfaceTuning named, CancellationToken cancel)
    {
        InterfaceTuning read = new();
        if (named.CombinedChannels is not null)
        {
            Outcome<Channels> got = await _client.GetChannelsAsync(Name, cancel).ConfigureAwait(false);
            if (!got.Try(out Channels? channels, out Fault? fault))
                return Refusal("combined", fault);
            read = read with { CombinedChannels = channels.Combined };
        }
        if (named.RxRing is not null || named.TxRing is not null)
        {
            Outcome<Rings> got = await _client.GetRingsAsync(Name, cancel).ConfigureAwait(false);
            if (!got.Try(out Rings? rings, out Fault? fault))
                return Refusal("rx ring and tx ring", fault);
            read = read with { RxRing = rings.Rx, TxRing = rings.Tx };
        }
        if (CoalescingOf(named) is not null)
        {
            Outcome<Coalescing> got = await _client.GetCoalescingAsync(Name, cancel).ConfigureAwait(false);
            if (!got.Try(out Coalescing? now, out Fault? fault))
                return Refusal(WordsOf(named), fault);
            read = read with
            {
                RxMicroseconds = now.RxMicroseconds,
                TxMicroseconds = now.TxMicroseconds,
                AdaptiveRx = now.AdaptiveRx,
                AdaptiveTx = now.AdaptiveTx,
            };
        }
        return read.Where(named);
    }

    /// <summary>A refusal where the driver does not tell a value that is wanted: it does not have the setting.</summary>
    public Fault? Missing(InterfaceTuning wanted, InterfaceTuning read)
    {
        string[] missing = [.. wanted.Settings.Zip(read.Settings)
            .Where(pair => pair.First.Value is not null && pair.Second.Value is null).Select(pair => pair.First.Word)];
        return missing.Length == 0 ? null : Refusal(string.Join(" and ", missing), null);
    }

    /// <summary>Writes what is named: channels first, for a driver that allocates its queues anew takes defaults for the rest.</summary>
    public async Task<Outcome<Unit>> WriteAsync(InterfaceTuning values, CancellationToken cancel)
    {
        if (values.CombinedChannels is { } combined)
        {
            Outcome<Unit> set = await _client.SetChannelsAsync(Name, new ChannelsChange(Combined: combined), cancel).ConfigureAwait(false);
            if (set.Fault is { } fault)
                return Refusal($"combined {combined}", fault);
        }
        if (values.RxRing is not null || values.TxRing is not null)
        {
            RingsChange rings = new(values.RxRing, values.TxRing);
            Outcome<Unit> set = await _client.SetRingsAsync(Name, rings, cancel).ConfigureAwait(false);
            if (set.Fault is { } fault)
                return Refusal(WordsOf(new InterfaceTuning { RxRing = values.RxRing, TxRing = values.TxRing }), fault);
        }
        if (CoalescingOf(values) is not { } change)
            return Unit.Done;
        Outcome<Unit> held = await _client.SetCoalescingAsync(Name, change, cancel).ConfigureAwait(false);
        return held.Fault is { } refused
            ? Refusal(WordsOf(values with { CombinedChannels = null, RxRing = null, TxRing = null }), refused)
            : held;
    }

    public void Dispose()
    {
        _client.Dispose();
        _within?.Dispose();
    }

    private static CoalescingChange? CoalescingOf(InterfaceTuning values)
    {
        CoalescingChange change = new()
        {
            RxMicroseconds = values.RxMicroseconds,
            TxMicroseconds = values.TxMicroseconds,
            AdaptiveRx = values.AdaptiveRx,
            AdaptiveTx = values.AdaptiveTx,
        };
        return change == new CoalescingChange() ? null : change;
    }

    private static string WordsOf(InterfaceTuning values) => string.Join(
        " and ", values.Settings.Where(setting => setting.Value is not null).Select(setting => $"{setting.Word} {setting.Value}"));

    /// <summary>Names driver and setting where the driver said no; a namespace that is gone or a missing privilege stays what it is.</summary>
    private Fault Refusal(string setting, Fault? fault)
    {
        string driver = _vf.Driver ?? _vf.Pf.Driver ?? "(unknown)";
        if (fault is { Kind: not FaultKind.Kernel })
            return fault;
        bool isLacking = fault is null || fault.Errno == Errno.EOPNOTSUPP;
        return Fault.Unsupported(
            isLacking ? $"{_vf.Label}: driver {driver} does not have {setting}" : $"{_vf.Label}: driver {driver} refuses {setting}",
            fault?.Cause ?? fault?.Error ?? "the driver does not tell this setting",
            isLacking ? "leave it out of the VF's tuning" : $"`ethtool -l`, `-g` and `-c` of {Name} tell what is allowed", _vf.Label)
            with { Operation = fault?.Operation, Errno = fault?.Errno };
    }
}
