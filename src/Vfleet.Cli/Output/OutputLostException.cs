using Vfleet.Linux;

namespace Vfleet.Cli.Output;

/// <summary>A result could not be printed: the disk behind standard output is full, or its reader broken.</summary>
internal sealed class OutputLostException(Exception inner) : IOException(inner.Message, inner)
{
    public Fault Fault => new(FaultKind.Kernel, "the result could not be written to standard output")
    {
        Cause = Message,
        Operation = "write",
        Target = "standard output",
        Remedy = "the command itself was carried out; look with `vfleet vf list`",
    };
}
