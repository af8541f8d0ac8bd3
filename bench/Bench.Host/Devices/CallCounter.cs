using System.Globalization;
using Vfleet.Linux;

namespace Vfleet.Bench.Devices;

/// <summary>
/// Counts the calls of a kernel function with a kprobe, so that "the driver was never asked" is seen and not believed.
/// Source: Documentation/trace/kprobetrace.rst.
/// </summary>
internal sealed class CallCounter : IDisposable
{
    private const string Tracing = "/sys/kernel/tracing";
    private readonly IKernel _kernel;
    private readonly string _event;

    private CallCounter(IKernel kernel, string name)
    {
        _kernel = kernel;
        _event = name;
    }

    /// <param name="kernel">The kernel.</param>
    /// <param name="module">The module that holds the function; has to be loaded.</param>
    /// <param name="function">Its name.</param>
    public static CallCounter Start(IKernel kernel, string module, string function)
    {
        string name = $"vfleet_bench_{function}";
        _ = kernel.Files.WriteText($"{Tracing}/events/kprobes/{name}/enable", "0");
        _ = kernel.Files.WriteText($"{Tracing}/kprobe_events", $"-:kprobes/{name}");
        Sysfs.Write(kernel, $"{Tracing}/kprobe_events", $"p:kprobes/{name} {module}:{function}");
        Sysfs.Write(kernel, $"{Tracing}/events/kprobes/{name}/enable", "1");
        return new CallCounter(kernel, name);
    }

    /// <summary>Calls since the start.</summary>
    public long Count()
    {
        foreach (string line in Sysfs.Read(_kernel, $"{Tracing}/kprobe_profile").Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length >= 2 && words[0] == _event)
                return long.Parse(words[1], CultureInfo.InvariantCulture);
        }
        return 0;
    }

    public void Dispose()
    {
        _ = _kernel.Files.WriteText($"{Tracing}/events/kprobes/{_event}/enable", "0");
        _ = _kernel.Files.WriteText($"{Tracing}/kprobe_events", $"-:kprobes/{_event}");
    }
}
