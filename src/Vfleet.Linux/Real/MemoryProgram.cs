using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Vfleet.Linux.Real;

/// <summary>
/// A script in memory, for programs that want a path of one. It is in no file system, so nothing is left of it, however this process ends.
/// </summary>
public sealed class MemoryProgram : IDisposable
{
    private const uint CloseOnExec = 1, MayBeExecuted = 0x10;
    private readonly SafeFileHandle _file;

    private MemoryProgram(SafeFileHandle file) => _file = file;

    /// <summary>Where any process that may inspect this one starts it, until it is disposed.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{_file.DangerousGetHandle()}");

    /// <summary>Keeps a script.</summary>
    /// <param name="name">What tools show of it, 249 bytes at most (memfd_create(2)).</param>
    /// <param name="text">The script, with its first line.</param>
    /// <returns>The kernel's refusal, as where <c>vm.memfd_noexec</c> forbids programs in memory.</returns>
    public static Outcome<MemoryProgram> Create(string name, ReadOnlySpan<byte> text)
    {
        int descriptor = Native.CreateMemoryFile(name, CloseOnExec | MayBeExecuted);
        // Before Linux 6.3 there is no such flag, and every one may be executed.
        if (descriptor < 0 && Native.LastError == Errno.EINVAL)
            descriptor = Native.CreateMemoryFile(name, CloseOnExec);
        if (descriptor < 0)
            return Fault.FromErrno(Native.LastError, $"memfd_create {name}", name);
        MemoryProgram made = new(new SafeFileHandle(descriptor, ownsHandle: true));
        RandomAccess.Write(made._file, text, 0);
        return made;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
