using Vfleet.Linux;

namespace Vfleet.Cli.Lab;

/// <summary>The lab could not do what was asked; the fault says why, what to do, and with which exit code to end.</summary>
internal sealed class LabException : Exception
{
    internal LabException(Fault fault, Exception? inner = null)
        : base(fault.Error, inner) => Fault = fault;

    internal Fault Fault { get; }

    /// <summary>Lines of a log for the reader of the error: a program's last words, the end of the guest's console.</summary>
    internal string Log { get; init; } = "";

    /// <summary>Our own defect, or a program we rely on that failed without a better reason.</summary>
    internal static LabException Internal(string error, string log = "") => new(new Fault(FaultKind.Internal, error)) { Log = log };

    internal static LabException NotRunning() => new(Fault.NotFound("lab is not running; start it with `vfleet lab up`"));
}
