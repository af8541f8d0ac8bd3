using System.Diagnostics.CodeAnalysis;

namespace Vfleet.Cni.Protocol;

/// <summary>
/// Error codes. Up to 99 they are the specification's (CNI SPEC 1.1.0, "Error"); the others are this plugin's, listed in docs/cni.md.
/// </summary>
internal enum CniCode
{
    IncompatibleVersion = 1,
    UnsupportedField = 2,
    UnknownContainer = 3,
    InvalidEnvironment = 4,
    Io = 5,
    Undecodable = 6,
    InvalidConfiguration = 7,
    TryAgainLater = 11,
    NotAvailable = 50,
    LimitedConnectivity = 51,

    /// <summary>The VF, its PF, its driver or the pool is not there.</summary>
    NotFound = 101,

    /// <summary>The VF is somebody's, or nothing of the pool is free.</summary>
    Taken = 102,

    /// <summary>The kernel or the driver refused.</summary>
    Refused = 103,

    /// <summary>The address plugin failed.</summary>
    Ipam = 104,

    /// <summary>CHECK found a difference.</summary>
    Differs = 105,

    /// <summary>What the CNI plugins' own skeleton says of any other error.</summary>
    Other = 999,
}

/// <summary>What a call that failed answers.</summary>
/// <param name="Code">What kind of failure.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Details">What to do, and what the kernel said; null for nothing more.</param>
internal sealed record CniError(CniCode Code, string Message, string? Details = null)
{
    /// <summary>A failure of the machine or the ledger, in the specification's terms.</summary>
    public static CniError Of(Fault fault) => new(CodeOf(fault), fault.Error, Join(fault.Cause, fault.Remedy));

    /// <summary>What this program did not foresee.</summary>
    public static CniError Defect(Exception e) =>
        new(CniCode.Other, $"a defect of the plugin: {e.GetType().Name}: {e.Message}", "please report it");

    private static CniCode CodeOf(Fault fault) => fault.Kind switch
    {
        FaultKind.Usage => CniCode.InvalidConfiguration,
        FaultKind.NotFound => CniCode.NotFound,
        FaultKind.Refused => CniCode.Taken,
        FaultKind.TimedOut => CniCode.TryAgainLater,
        FaultKind.NotPermitted or FaultKind.Kernel => CniCode.Refused,
        _ => CniCode.Other,
    };

    private static string? Join(string? cause, string? remedy) => (cause, remedy) switch
    {
        (null, _) => remedy,
        (_, null) => cause,
        _ => $"{cause}; {remedy}",
    };
}

/// <summary>A value, or why there is none.</summary>
/// <typeparam name="T">The value.</typeparam>
internal readonly struct CniOutcome<T>
    where T : class
{
    private readonly T? _value;

    private CniOutcome(T? value, CniError? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>Why there is none; null where there is one.</summary>
    public CniError? Error { get; }

    public static implicit operator CniOutcome<T>(T value) => new(value, null);

    public static implicit operator CniOutcome<T>(CniError error) => new(null, error);

    /// <summary>Gives the value, or the error.</summary>
    public bool Try([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out CniError? error)
    {
        (value, error) = (_value, Error);
        return value is not null;
    }
}
