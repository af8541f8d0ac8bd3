namespace Vfleet.Simulation.Faults;

/// <summary>What can go wrong on purpose.</summary>
public enum SimulatedFault
{
    /// <summary><c>slow-probe</c>: binding a driver takes the delay longer.</summary>
    SlowProbe,

    /// <summary><c>busy</c>: EBUSY from bind, unbind, sriov_numvfs and VF settings.</summary>
    Busy,

    /// <summary><c>msix-exhausted</c>: ENOSPC from sriov_numvfs (target a PF) or a native VF driver's probe (target a VF).</summary>
    MsixExhausted,

    /// <summary><c>out-of-memory</c>: ENOMEM from sriov_numvfs.</summary>
    OutOfMemory,

    /// <summary><c>lost-vf</c>: configuration space reads all ones, the interface is gone, nothing can bind or reset.</summary>
    LostVf,

    /// <summary><c>driver-missing</c>: the module (target) cannot be loaded.</summary>
    DriverMissing,

    /// <summary><c>reset-failure</c>: resets answer ENOTTY.</summary>
    ResetFailure,

    /// <summary><c>link-flap</c>: the PF's signal goes, and returns after the delay.</summary>
    LinkFlap,

    /// <summary><c>truncated-reply</c>: netlink replies are cut, each hit at another place.</summary>
    TruncatedReply,

    /// <summary><c>dump-interrupted</c>: netlink dumps say NLM_F_DUMP_INTR.</summary>
    DumpInterrupted,

    /// <summary><c>blocking-file</c>: reading the file (target a path) blocks until the fault is cleared.</summary>
    BlockingFile,

    /// <summary><c>vanishing-file</c>: the file (target a path) is listed and gone when touched.</summary>
    VanishingFile,

    /// <summary><c>unplugged</c>: the PF disappears at the next operation on it.</summary>
    Unplugged,

    /// <summary><c>message-too-long</c>: RTM_GETLINK of one interface with its VFs answers EMSGSIZE; a dump works.</summary>
    MessageTooLong,
}
