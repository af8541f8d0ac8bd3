using Vfleet.Linux;

namespace Vfleet.Cli.Output;

/// <summary>A result could not be printed: the disk behind standard output is full, or its reader broken.</summary>
internal sealed class OutputLostException(Exception inner) : IOException(inner.Message, inner)
{
    /// <param name="isLook">The command changes nothing: its output was all there was to it.</param>
    public Fault FaultOf(bool isLook) =>
        new(FaultKind.Kernel, $"the {(isLook ? "output" : "result")} could not be written to standard output")
    {
        Cause = Message,
        Operation = "write",
        Target = "standard output",
        Remedy = isLook ? "make room there, or send it elsewhere" : "the command itself was carried out; look with `vfleet vf list`",
    };
}
