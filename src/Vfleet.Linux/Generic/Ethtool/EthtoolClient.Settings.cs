using System.Globalization;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Ethtool;

/// <content>Settings over netlink.</content>
public sealed partial class EthtoolClient
{
    /// <summary>Speed, duplex and autonegotiation. Equivalent to <c>ethtool DEV</c>.</summary>
    public async ValueTask<Outcome<LinkModes>> GetLinkModesAsync(string interfaceName, CancellationToken cancel = default)
    {
        Outcome<NetlinkRequest> begun = await BeginAsync(EthtoolCommand.LinkModesGet, $"ethtool {interfaceName}", interfaceName,
            cancel, EthtoolAttribute.FlagCompactBitsets).ConfigureAwait(false);
        return begun.Try(out NetlinkRequest? request, out Fault? fault)
            ? await _client.GetAsync(request, EthtoolParser.LinkModes, cancel).ConfigureAwait(false)
            : fault;
    }

    /// <summary>Channels. Equivalent to <c>ethtool -l DEV</c>.</summary>
    public ValueTask<Outcome<Channels>> GetChannelsAsync(string interfaceName, CancellationToken cancel = default) =>
        GetAsync(EthtoolCommand.ChannelsGet, "ethtool -l", interfaceName, EthtoolParser.Channels, cancel);

    /// <summary>
    /// Changes channels; most drivers take the link down for it. Equivalent to <c>ethtool -L DEV [rx N] [tx N] [combined N]</c>.
    /// </summary>
    public ValueTask<Outcome<Unit>> SetChannelsAsync(string interfaceName, ChannelsChange change, CancellationToken cancel = default) =>
        SetAsync(EthtoolCommand.ChannelsSet, "ethtool -L", interfaceName,
        [
            new("rx", EthtoolAttribute.ChannelsRx, change.Rx),
            new("tx", EthtoolAttribute.ChannelsTx, change.Tx),
            new("combined", EthtoolAttribute.ChannelsCombined, change.Combined),
        ], cancel);

    /// <summary>Sizes of the rings. Equivalent to <c>ethtool -g DEV</c>.</summary>
    public ValueTask<Outcome<Rings>> GetRingsAsync(string interfaceName, CancellationToken cancel = default) =>
        GetAsync(EthtoolCommand.RingsGet, "ethtool -g", interfaceName, EthtoolParser.Rings, cancel);

    /// <summary>
    /// Changes sizes of rings; most drivers take the link down for it. Equivalent to <c>ethtool -G DEV [rx N] [tx N]</c>.
    /// </summary>
    public ValueTask<Outcome<Unit>> SetRingsAsync(string interfaceName, RingsChange change, CancellationToken cancel = default) =>
        SetAsync(EthtoolCommand.RingsSet, "ethtool -G", interfaceName,
            [new("rx", EthtoolAttribute.RingsRx, change.Rx), new("tx", EthtoolAttribute.RingsTx, change.Tx)], cancel);

    /// <summary>Interrupt coalescing. Equivalent to <c>ethtool -c DEV</c>.</summary>
    public ValueTask<Outcome<Coalescing>> GetCoalescingAsync(string interfaceName, CancellationToken cancel = default) =>
        GetAsync(EthtoolCommand.CoalesceGet, "ethtool -c", interfaceName, EthtoolParser.Coalescing, cancel);

    /// <summary>
    /// Changes interrupt coalescing. Equivalent to
    /// <c>ethtool -C DEV [adaptive-rx on|off] [adaptive-tx on|off] [rx-usecs N] [rx-frames N] [tx-usecs N] [tx-frames N]</c>.
    /// </summary>
    public ValueTask<Outcome<Unit>> SetCoalescingAsync(string interfaceName, CoalescingChange change, CancellationToken cancel = default) =>
        SetAsync(EthtoolCommand.CoalesceSet, "ethtool -C", interfaceName,
        [
            new("adaptive-rx", EthtoolAttribute.CoalesceAdaptiveRx, Number(change.AdaptiveRx), IsSwitch: true),
            new("adaptive-tx", EthtoolAttribute.CoalesceAdaptiveTx, Number(change.AdaptiveTx), IsSwitch: true),
            new("rx-usecs", EthtoolAttribute.CoalesceRxMicroseconds, change.RxMicroseconds),
            new("rx-frames", EthtoolAttribute.CoalesceRxFrames, change.RxFrames),
            new("tx-usecs", EthtoolAttribute.CoalesceTxMicroseconds, change.TxMicroseconds),
            new("tx-frames", EthtoolAttribute.CoalesceTxFrames, change.TxFrames),
        ], cancel);

    /// <summary>Offloads and other features. Equivalent to <c>ethtool -k DEV</c>.</summary>
    public ValueTask<Outcome<FeatureList>> GetFeaturesAsync(string interfaceName, CancellationToken cancel = default) =>
        GetAsync(EthtoolCommand.FeaturesGet, "ethtool -k", interfaceName, EthtoolParser.Features, cancel);

    /// <summary>The counters that mean the same on every driver. Equivalent to <c>ethtool -S DEV --all-groups</c>.</summary>
    public async ValueTask<Outcome<StandardStatistics>> GetStandardStatisticsAsync(
        string interfaceName, CancellationToken cancel = default)
    {
        Outcome<NetlinkRequest> begun = await BeginAsync(EthtoolCommand.StatsGet, $"ethtool -S {interfaceName} --all-groups",
            interfaceName, cancel, header: EthtoolAttribute.StatsHeader).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        int groups = request.BeginNest(EthtoolAttribute.StatsGroups);
        request.Flag(EthtoolAttribute.BitsetNoMask)
            .Put(EthtoolAttribute.BitsetSize, (uint)StandardStatisticNames.GroupCount)
            .Put(EthtoolAttribute.BitsetValue, (1u << StandardStatisticNames.GroupCount) - 1)
            .EndNest(groups);
        return await _client.GetAsync(request, EthtoolParser.Statistics, cancel).ConfigureAwait(false);
    }

    private async ValueTask<Outcome<Unit>> SetAsync(
        byte command, string verb, string interfaceName, Setting[] settings, CancellationToken cancel)
    {
        string operation = $"{verb} {interfaceName}";
        foreach (Setting setting in settings)
        {
            if (setting.Value is { } value)
                operation += string.Create(
                    CultureInfo.InvariantCulture, $" {setting.Word} {(setting.IsSwitch ? value != 0 ? "on" : "off" : value)}");
        }
        Outcome<NetlinkRequest> begun = await BeginAsync(command, operation, interfaceName, cancel).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        foreach (Setting setting in settings)
        {
            if (setting.Value is not { } value)
                continue;
            if (setting.IsSwitch)
                request.Put(setting.Attribute, (byte)value);
            else
                request.Put(setting.Attribute, value);
        }
        return await _client.ExecuteAsync(request, cancel).ConfigureAwait(false);
    }

    private static uint? Number(bool? value) => value is null ? null : value.Value ? 1u : 0u;

    private readonly record struct Setting(string Word, int Attribute, uint? Value, bool IsSwitch = false);
}
