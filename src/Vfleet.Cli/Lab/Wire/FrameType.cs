namespace Vfleet.Cli.Lab.Wire;

/// <summary>What a frame between the host and the guest's agent carries. Values below 16 go to the guest, the others to the host.</summary>
internal enum FrameType : byte
{
    /// <summary>The greeting: see <see cref="Greeting"/>. It has no frame header of its own.</summary>
    Greeting = 0,

    /// <summary>The command to start, as JSON: <see cref="StartRequest"/>.</summary>
    Start = 1,

    /// <summary>Bytes for the command's standard input.</summary>
    Stdin = 2,

    /// <summary>Standard input has ended.</summary>
    StdinEnd = 3,

    /// <summary>A signal for the command's process group: its number, 32 bits.</summary>
    Signal = 4,

    /// <summary>End the guest, its disks written.</summary>
    PowerOff = 5,

    /// <summary>Bytes of the command's standard output.</summary>
    Stdout = 16,

    /// <summary>Bytes of the command's standard error.</summary>
    Stderr = 17,

    /// <summary>The command has ended: its exit code, 32 bits.</summary>
    Exit = 18,

    /// <summary>The command took this many bytes of standard input, 32 bits; as many more may be sent.</summary>
    StdinTaken = 19,

    /// <summary>The command could not be started: the reason, UTF-8.</summary>
    Failure = 20,

    /// <summary>Something the user should know, UTF-8; the command goes on.</summary>
    Notice = 21,
}
