using System.Globalization;
using Vfleet.Linux;

namespace Vfleet.Cli.Session;

/// <summary>Lines of <c>--verbose</c>: operations with their times, and before each the sum of what was read since the one before.</summary>
/// <param name="output">Where they go.</param>
internal sealed class TraceLog(TextWriter output)
{
    private readonly Lock _lock = new();
    private int _reads;
    private TimeSpan _reading;

    /// <summary>Counts a read.</summary>
    public void Read(TimeSpan took)
    {
        lock (_lock)
        {
            _reads++;
            _reading += took;
        }
    }

    /// <summary>Prints an operation.</summary>
    public void Line(TimeSpan took, string operation, Fault? fault)
    {
        lock (_lock)
        {
            Flush();
            Print(took, fault is null ? operation : $"{operation}  = {fault.Errno?.ToString() ?? fault.Kind.ToString()}");
        }
    }

    /// <summary>Prints what was read since the last line.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_reads > 0)
                Print(_reading, _reads == 1 ? "read 1 file" : $"read {_reads} files");
            _reads = 0;
            _reading = TimeSpan.Zero;
        }
    }

    private void Print(TimeSpan took, string what) =>
        output.WriteLine($"{took.TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture),10} ms  {what}");
}
