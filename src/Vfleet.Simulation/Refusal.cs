namespace Vfleet.Simulation;

/// <summary>An errno with the kernel's own words (extended acknowledgement), where it has some.</summary>
/// <param name="Errno">The error number; None is success.</param>
/// <param name="Text">The kernel's words.</param>
internal readonly record struct Refusal(Errno Errno, string? Text = null)
{
    public static readonly Refusal None;

    public bool IsRefused => Errno != Errno.None;

    public static implicit operator Refusal(Errno errno) => new(errno);
}
