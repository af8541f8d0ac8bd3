namespace Vfleet.Linux.Generic.Devlink;

/// <summary>The words of <c>devlink</c> for the kernel's numbers; a number without a word is written as it is.</summary>
public static class DevlinkWords
{
    /// <summary><c>legacy</c> or <c>switchdev</c>.</summary>
    public static string Of(EswitchMode mode) => mode switch
    {
        EswitchMode.Legacy => "legacy",
        EswitchMode.Switchdev => "switchdev",
        _ => $"mode {(int)mode}",
    };

    /// <summary><c>none</c>, <c>link</c>, <c>network</c> or <c>transport</c>.</summary>
    public static string Of(EswitchInlineMode mode) => mode switch
    {
        EswitchInlineMode.None => "none",
        EswitchInlineMode.Link => "link",
        EswitchInlineMode.Network => "network",
        EswitchInlineMode.Transport => "transport",
        _ => $"inline mode {(int)mode}",
    };

    /// <summary><c>physical</c>, <c>pcipf</c>, <c>pcivf</c>, <c>pcisf</c> and the rest.</summary>
    public static string Of(PortFlavour flavour) => flavour switch
    {
        PortFlavour.Physical => "physical",
        PortFlavour.Cpu => "cpu",
        PortFlavour.Dsa => "dsa",
        PortFlavour.PciPf => "pcipf",
        PortFlavour.PciVf => "pcivf",
        PortFlavour.Virtual => "virtual",
        PortFlavour.Unused => "unused",
        PortFlavour.PciSf => "pcisf",
        _ => $"flavour {(int)flavour}",
    };

    /// <summary><c>runtime</c>, <c>driverinit</c> or <c>permanent</c>.</summary>
    public static string Of(ParameterMode mode) => mode switch
    {
        ParameterMode.Runtime => "runtime",
        ParameterMode.DriverInit => "driverinit",
        ParameterMode.Permanent => "permanent",
        _ => $"cmode {(int)mode}",
    };
}
