namespace Vfleet.Cli.Lab.Qemu;

/// <summary>How QEMU executes the guest's instructions.</summary>
internal enum Accelerator
{
    /// <summary>Software emulation: works everywhere.</summary>
    Tcg,

    /// <summary>The CPU's own virtualisation.</summary>
    Kvm,
}
