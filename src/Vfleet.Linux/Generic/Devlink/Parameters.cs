namespace Vfleet.Linux.Generic.Devlink;

/// <summary>When a parameter's value takes effect (enum devlink_param_cmode).</summary>
public enum ParameterMode : byte
{
    /// <summary>At once.</summary>
    Runtime = 0,

    /// <summary>When the driver starts anew: after a reload.</summary>
    DriverInit = 1,

    /// <summary>Kept in the device; after its next reset.</summary>
    Permanent = 2,
}

/// <summary>Kinds of values of parameters; the kernel's NLA_* numbers (include/net/netlink.h).</summary>
public enum ParameterType : byte
{
    /// <summary>8 bits.</summary>
    Byte = 1,

    /// <summary>16 bits.</summary>
    UInt16 = 2,

    /// <summary>32 bits.</summary>
    UInt32 = 3,

    /// <summary>64 bits.</summary>
    UInt64 = 4,

    /// <summary>Text, 31 bytes at most.</summary>
    Text = 5,

    /// <summary>True or false.</summary>
    Boolean = 6,
}

/// <summary>A parameter of a device.</summary>
/// <param name="Device">The device.</param>
/// <param name="Port">The port it belongs to; null for the device's own.</param>
/// <param name="Name">Such as <c>enable_roce</c>.</param>
/// <param name="IsGeneric">True when the name means the same for every driver.</param>
/// <param name="Type">The kind of its values.</param>
/// <param name="Values">Its value in each mode it has.</param>
public sealed record DevlinkParameter(
    DevlinkHandle Device, uint? Port, string Name, bool IsGeneric, ParameterType Type, IReadOnlyList<ParameterValue> Values);

/// <summary>The value of a parameter in one mode.</summary>
/// <param name="Mode">When it takes effect.</param>
/// <param name="Value">As <c>devlink</c> writes it: a decimal number, <c>true</c> or <c>false</c>, or text.</param>
public sealed record ParameterValue(ParameterMode Mode, string Value);
