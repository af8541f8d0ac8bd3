using Xunit.Abstractions;

namespace Vfleet.Guest.Runner;

/// <summary>Options of discovery and execution: one test collection at a time, because tests share one kernel.</summary>
internal sealed class Options : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal)
    {
        ["xunit.execution.DisableParallelization"] = true,
        ["xunit.execution.SynchronousMessageReporting"] = true,
        ["xunit.discovery.SynchronousMessageReporting"] = true,
    };

    public TValue GetValue<TValue>(string name) => _values.TryGetValue(name, out object? value) ? (TValue)value! : default!;

    public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
}

/// <summary>The test cases whose name contains a part.</summary>
internal sealed class Cases(string part) : IMessageSink
{
    private readonly TaskCompletionSource _done = new();

    public List<ITestCase> Found { get; } = [];

    public bool OnMessage(IMessageSinkMessage message)
    {
        if (message is ITestCaseDiscoveryMessage discovered
            && $"{discovered.TestCase.TestMethod.TestClass.Class.Name}.{discovered.TestCase.DisplayName}".Contains(part, StringComparison.Ordinal))
            Found.Add(discovered.TestCase);
        if (message is IDiscoveryCompleteMessage)
            _done.TrySetResult();
        return true;
    }

    public Task Done => _done.Task;
}

/// <summary>Counts results and prints failures and skips as they come.</summary>
internal sealed class Results(TextWriter output) : IMessageSink
{
    private readonly TaskCompletionSource _done = new();

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    public int Skipped { get; private set; }

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestPassed:
                Passed++;
                break;
            case ITestSkipped skipped:
                Skipped++;
                output.WriteLine($"  Skipped {skipped.Test.DisplayName}: {skipped.Reason}");
                break;
            case ITestFailed failed:
                Failed++;
                output.WriteLine($"  Failed {failed.Test.DisplayName}\n    {string.Join("\n    ", failed.Messages)}\n{string.Join('\n', failed.StackTraces)}");
                break;
            // A fixture or the assembly itself that fails would otherwise fail nothing.
            case IErrorMessage error:
                Failed++;
                output.WriteLine($"  Failed {string.Join(' ', error.Messages)}");
                break;
            case ITestAssemblyFinished:
                _done.TrySetResult();
                break;
        }
        output.Flush();
        return true;
    }

    public Task Done => _done.Task;
}
