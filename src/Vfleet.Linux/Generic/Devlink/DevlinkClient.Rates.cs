using System.Globalization;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Rate objects: leaves (ports' functions) and nodes (groups of them).</content>
public sealed partial class DevlinkClient
{
    /// <summary>Every rate object of every device. Equivalent to <c>devlink port function rate show</c>.</summary>
    public ValueTask<Outcome<List<DevlinkRate>>> ListRatesAsync(CancellationToken cancel = default) =>
        DumpAsync(DevlinkCommand.RateGet, "devlink port function rate show", _parser.Rate, cancel);

    /// <summary>
    /// Changes a leaf or a node. Equivalent to <c>devlink port function rate set DEV/{INDEX|NODE}
    /// [tx_share R] [tx_max R] [tx_priority N] [tx_weight N] [parent NODE|noparent]</c>.
    /// </summary>
    public ValueTask<Outcome<Unit>> SetRateAsync(RateHandle rate, RateChange change, CancellationToken cancel = default) =>
        ChangeRateAsync(DevlinkCommand.RateSet, "set", rate, change, cancel);

    /// <summary>Makes a node. Equivalent to <c>devlink port function rate add DEV/NODE [tx_share R] …</c>.</summary>
    /// <returns>Errno EEXIST where it exists.</returns>
    public ValueTask<Outcome<Unit>> AddRateNodeAsync(
        DevlinkHandle device, string name, RateChange? change = null, CancellationToken cancel = default) =>
        ChangeRateAsync(DevlinkCommand.RateNew, "add", RateHandle.OfNode(device, name), change ?? new RateChange(), cancel);

    /// <summary>Removes a node without members. Equivalent to <c>devlink port function rate del DEV/NODE</c>.</summary>
    /// <returns>Errno EBUSY while leaves or nodes belong to it.</returns>
    public ValueTask<Outcome<Unit>> DeleteRateNodeAsync(DevlinkHandle device, string name, CancellationToken cancel = default) =>
        ChangeRateAsync(DevlinkCommand.RateDel, "del", RateHandle.OfNode(device, name), new RateChange(), cancel);

    private async ValueTask<Outcome<Unit>> ChangeRateAsync(
        byte command, string verb, RateHandle rate, RateChange change, CancellationToken cancel)
    {
        if (rate.Node is { } node && CheckNode(node) is { } wrong)
            return wrong;
        string operation = $"devlink port function rate {verb} {rate}{Describe(change)}";
        Outcome<NetlinkRequest> begun = await BeginAsync(command, rate.Device, operation, cancel).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        if (rate.Node is not null)
            request.Put(DevlinkAttribute.RateNodeName, rate.Node);
        else
            request.Put(DevlinkAttribute.PortIndex, rate.Port ?? 0);
        if (change.TxShare is { } share)
            request.Put(DevlinkAttribute.RateTxShare, share);
        if (change.TxMax is { } max)
            request.Put(DevlinkAttribute.RateTxMax, max);
        if (change.TxPriority is { } priority)
            request.Put(DevlinkAttribute.RateTxPriority, priority);
        if (change.TxWeight is { } weight)
            request.Put(DevlinkAttribute.RateTxWeight, weight);
        if (change.Parent is not null)
            request.Put(DevlinkAttribute.RateParentNodeName, change.Parent);
        return await _client.ExecuteAsync(request, cancel).ConfigureAwait(false);
    }

    /// <summary>The kernel takes no decimal number as a name, for it would look like a port (net/devlink/rate.c).</summary>
    private static Fault? CheckNode(string name) =>
        name.Length is 0 or > 255 || name.Contains('/') || name.All(char.IsAsciiDigit)
            ? Fault.Usage($"'{name}' is no name of a rate node: it takes 1 to 255 characters, no slash and not only digits", target: name)
            : null;

    private static string Describe(RateChange change)
    {
        string text = "";
        if (change.TxShare is { } share)
            text += string.Create(CultureInfo.InvariantCulture, $" tx_share {share}Bps");
        if (change.TxMax is { } max)
            text += string.Create(CultureInfo.InvariantCulture, $" tx_max {max}Bps");
        if (change.TxPriority is { } priority)
            text += string.Create(CultureInfo.InvariantCulture, $" tx_priority {priority}");
        if (change.TxWeight is { } weight)
            text += string.Create(CultureInfo.InvariantCulture, $" tx_weight {weight}");
        if (change.Parent is not null)
            text += change.Parent.Length == 0 ? " noparent" : $" parent {change.Parent}";
        return text;
    }
}
