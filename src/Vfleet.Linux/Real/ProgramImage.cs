using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Vfleet.Linux.Real;

/// <summary>What a process is and when it ends.</summary>
public static class ProgramImage
{
    private const int ParentDeathSignal = 1, BrokenPipe = 13, Kill = 9;

    /// <summary>Starts a program as a child, in the namespaces of the calling thread.</summary>
    /// <param name="start">The program.</param>
    public static Outcome<Process> Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            // The runtime's only way to pass on why a program cannot be started.
            return Fault.FromErrno((Errno)e.NativeErrorCode, $"exec {start.FileName}", start.FileName);
        }
    }

    /// <summary>
    /// Has the kernel kill this process when the thread that started it ends, also after it became another program, as long as that keeps
    /// its user. Equivalent to <c>setpriv --pdeathsig KILL</c>; call it on the process's first thread.
    /// </summary>
    /// <param name="parent">The process that started this one.</param>
    /// <returns>Refused where that has ended already.</returns>
    public static Outcome<Unit> EndWith(int parent)
    {
        if (Native.ControlProcess(ParentDeathSignal, Kill, 0, 0, 0) != 0)
            return Fault.FromErrno(Native.LastError, "prctl PR_SET_PDEATHSIG", "process");
        return Native.ParentProcess() == parent
            ? Unit.Done
            : Fault.Refused($"process {parent}, which started this one, has ended");
    }

    /// <summary>
    /// Turns this process into another program: same number, streams, directory and namespaces. Equivalent to <c>exec WORDS</c>; a name
    /// without slash is looked for in PATH (exec(3), execvp).
    /// </summary>
    /// <param name="words">Program and arguments.</param>
    /// <returns>Why it failed; else it does not return.</returns>
    public static unsafe Fault Become(IReadOnlyList<string> words)
    {
        // The runtime ignores this signal, and what is ignored stays so in the next program.
        _ = Native.SetSignal(BrokenPipe, 0);
        // SAFETY: freed below where the call returns at all; else the kernel frees everything.
        byte** arguments = (byte**)NativeMemory.AllocZeroed((nuint)words.Count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < words.Count; i++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(words[i]);
            arguments[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
            bytes.CopyTo(new Span<byte>(arguments[i], bytes.Length));
        }
        _ = Native.Execute(arguments[0], arguments);
        Errno errno = Native.LastError;
        for (int i = 0; i < words.Count; i++)
            NativeMemory.Free(arguments[i]);
        NativeMemory.Free(arguments);
        return Fault.FromErrno(errno, $"exec {words[0]}", words[0]);
    }
}
