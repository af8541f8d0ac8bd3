namespace Vfleet.Linux.Generic.Devlink;

/// <summary>Commands of devlink (DEVLINK_CMD_*). Source: include/uapi/linux/devlink.h.</summary>
public static class DevlinkCommand
{
#pragma warning disable CS1591 // the kernel's names are the documentation
    public const byte Get = 1, New = 3, PortGet = 5, PortSet = 6, PortNew = 7, EswitchGet = 29, EswitchSet = 30, Reload = 37;
    public const byte ParamGet = 38, ParamSet = 39, ParamNew = 40, InfoGet = 51;
    public const byte HealthReporterGet = 52, HealthReporterRecover = 54, HealthReporterDiagnose = 55, HealthReporterDumpGet = 56;
    public const byte FlashUpdate = 58, FlashUpdateEnd = 59, FlashUpdateStatus = 60;
    public const byte RateGet = 74, RateSet = 75, RateNew = 76, RateDel = 77;
#pragma warning restore CS1591
}

/// <summary>Attributes of devlink (DEVLINK_ATTR_*). Source: include/uapi/linux/devlink.h.</summary>
public static class DevlinkAttribute
{
#pragma warning disable CS1591 // the kernel's names are the documentation
    public const int BusName = 1, DevName = 2;
    public const int PortIndex = 3, PortType = 4, PortNetdevIndex = 6, PortNetdevName = 7, PortIbdevName = 8, PortFlavour = 77,
        PortNumber = 78, PortPciPfNumber = 127, PortPciVfNumber = 128, PortFunction = 145, PortExternal = 149,
        PortControllerNumber = 150, PortPciSfNumber = 164;
    public const int EswitchMode = 25, EswitchInlineMode = 26, EswitchEncapMode = 62;
    public const int Param = 80, ParamName = 81, ParamGeneric = 82, ParamType = 83, ParamValuesList = 84, ParamValue = 85,
        ParamValueData = 86, ParamValueCmode = 87;
    public const int InfoDriverName = 98, InfoSerialNumber = 99, InfoVersionFixed = 100, InfoVersionRunning = 101,
        InfoVersionStored = 102, InfoVersionName = 103, InfoVersionValue = 104, InfoBoardSerialNumber = 146;
    public const int Fmsg = 106, FmsgObjectNestStart = 107, FmsgPairNestStart = 108, FmsgArrayNestStart = 109, FmsgNestEnd = 110,
        FmsgObjectName = 111, FmsgObjectValueType = 112, FmsgObjectValueData = 113;
    public const int HealthReporter = 114, HealthReporterName = 115, HealthReporterState = 116, HealthReporterErrorCount = 117,
        HealthReporterRecoverCount = 118, HealthReporterGracefulPeriod = 120, HealthReporterAutoRecover = 121,
        HealthReporterAutoDump = 141;
    public const int FlashFileName = 122, FlashComponent = 123, FlashStatusMessage = 124, FlashStatusDone = 125,
        FlashStatusTotal = 126, FlashStatusTimeout = 151, FlashOverwriteMask = 152;
    public const int ReloadFailed = 136, ReloadAction = 153, ReloadActionsPerformed = 154;
    public const int RateType = 165, RateTxShare = 166, RateTxMax = 167, RateNodeName = 168, RateParentNodeName = 169,
        RateTxPriority = 177, RateTxWeight = 178;
#pragma warning restore CS1591
}

/// <summary>Attributes of a port's function, inside DEVLINK_ATTR_PORT_FUNCTION. Source: include/uapi/linux/devlink.h.</summary>
public static class PortFunctionAttribute
{
#pragma warning disable CS1591 // the kernel's names are the documentation
    public const int HardwareAddress = 1, State = 2, OperationalState = 3, Capabilities = 4;
    public const uint CapabilityRoce = 1, CapabilityMigratable = 2;
#pragma warning restore CS1591
}
