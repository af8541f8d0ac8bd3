using System.Globalization;
using System.Text;
using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Parameters of devices.</content>
public sealed partial class DevlinkClient
{
    /// <summary>Every parameter of every device. Equivalent to <c>devlink dev param show</c>.</summary>
    public ValueTask<Outcome<List<DevlinkParameter>>> ListParametersAsync(CancellationToken cancel = default) =>
        DumpAsync(DevlinkCommand.ParamGet, "devlink dev param show", _parser.Parameter, cancel);

    /// <summary>One parameter. Equivalent to <c>devlink dev param show DEV name NAME</c>.</summary>
    /// <returns>Errno EINVAL where the device has no such parameter.</returns>
    public async ValueTask<Outcome<DevlinkParameter>> GetParameterAsync(
        DevlinkHandle device, string name, CancellationToken cancel = default)
    {
        Outcome<NetlinkRequest> begun = await BeginAsync(
            DevlinkCommand.ParamGet, device, $"devlink dev param show {device} name {name}", cancel).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out Fault? fault))
            return fault;
        request.Put(DevlinkAttribute.ParamName, name);
        return await _client.GetAsync(request, _parser.Parameter, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Sets a parameter in one mode. Equivalent to <c>devlink dev param set DEV name NAME value VALUE cmode MODE</c>.
    /// Its type is asked for first, as <c>devlink</c> does.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="name">The parameter.</param>
    /// <param name="value">As <c>devlink</c> takes it: a decimal number, <c>true</c> or <c>false</c>, or text.</param>
    /// <param name="mode">When it takes effect.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Usage where the value does not fit the parameter's type.</returns>
    public async ValueTask<Outcome<Unit>> SetParameterAsync(
        DevlinkHandle device, string name, string value, ParameterMode mode, CancellationToken cancel = default)
    {
        Outcome<DevlinkParameter> known = await GetParameterAsync(device, name, cancel).ConfigureAwait(false);
        if (!known.Try(out DevlinkParameter? parameter, out Fault? fault))
            return fault;
        string operation = $"devlink dev param set {device} name {name} value {value} cmode {DevlinkWords.Of(mode)}";
        Outcome<NetlinkRequest> begun = await BeginAsync(DevlinkCommand.ParamSet, device, operation, cancel).ConfigureAwait(false);
        if (!begun.Try(out NetlinkRequest? request, out fault))
            return fault;
        request.Put(DevlinkAttribute.ParamName, name)
            .Put(DevlinkAttribute.ParamValueCmode, (byte)mode)
            .Put(DevlinkAttribute.ParamType, (byte)parameter.Type);
        if (!TryPut(request, parameter.Type, value))
            return Fault.Usage($"'{value}' is no value of type {parameter.Type} for {name}", target: device.ToString());
        return await _client.ExecuteAsync(request, cancel).ConfigureAwait(false);
    }

    private static bool TryPut(NetlinkRequest request, ParameterType type, string value)
    {
        const int LongestText = 31;
        bool isNumber = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
        switch (type)
        {
            case ParameterType.Byte when isNumber && number <= byte.MaxValue:
                request.Put(DevlinkAttribute.ParamValueData, (byte)number);
                return true;
            case ParameterType.UInt16 when isNumber && number <= ushort.MaxValue:
                request.Put(DevlinkAttribute.ParamValueData, (ushort)number);
                return true;
            case ParameterType.UInt32 when isNumber && number <= uint.MaxValue:
                request.Put(DevlinkAttribute.ParamValueData, (uint)number);
                return true;
            case ParameterType.UInt64 when isNumber:
                request.Put(DevlinkAttribute.ParamValueData, number);
                return true;
            case ParameterType.Text when Encoding.UTF8.GetByteCount(value) <= LongestText:
                request.Put(DevlinkAttribute.ParamValueData, value);
                return true;
            case ParameterType.Boolean when value is "true" or "false":
                if (value == "true")
                    request.Flag(DevlinkAttribute.ParamValueData);
                return true;
            default:
                return false;
        }
    }
}
