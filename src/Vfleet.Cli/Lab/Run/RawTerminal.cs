using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Vfleet.Cli.Lab.Wire;
using Vfleet.Linux;

namespace Vfleet.Cli.Lab.Run;

/// <summary>
/// Puts our terminal into raw mode, so that every key reaches the guest, and back when disposed or when a signal ends us.
/// Uses stty(1): the settings of a terminal have no .NET interface.
/// </summary>
internal sealed class RawTerminal : IDisposable
{
    private readonly string _saved;
    private readonly List<PosixSignalRegistration> _signals = [];
    private bool _restored;

    private RawTerminal(string saved) => _saved = saved;

    /// <summary>Equivalent to <c>stty raw -echo</c>; refused where standard input is no terminal.</summary>
    internal static RawTerminal Enter()
    {
        RawTerminal terminal = new(Stty(["-g"]));
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            terminal._signals.Add(PosixSignalRegistration.Create(signal, _ => terminal.Restore()));
        Stty(["raw", "-echo"]);
        return terminal;
    }

    /// <summary>Equivalent to <c>stty size</c>.</summary>
    internal static TerminalSize Size()
    {
        string[] words = Stty(["size"]).Split(' ');
        return words.Length == 2
            && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int rows)
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int columns)
            && rows > 0 && columns > 0
                ? new TerminalSize(rows, columns)
                : new TerminalSize(24, 80);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Restore();
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
    }

    private void Restore()
    {
        if (!_restored)
            Stty([_saved]);
        _restored = true;
    }

    private static string Stty(string[] arguments)
    {
        ProcessStartInfo info = new(Programs.Find("stty") ?? "stty") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            info.ArgumentList.Add(argument);
        using Process process = Process.Start(info) ?? throw LabException.Internal("stty was not started");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Trim()
            : throw new LabException(Fault.Usage("standard input is not a terminal", "use `vfleet lab run -- COMMAND`"));
    }
}
