using System.Text;

namespace Vfleet.Agent.Tests;

/// <summary>Lines of a log, to be awaited.</summary>
internal sealed class LogLines : TextWriter
{
    private readonly List<string> _lines = [];

    public override Encoding Encoding => Encoding.UTF8;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public override void WriteLine(string? value)
    {
        lock (_lines)
            _lines.Add(value ?? "");
    }

    /// <summary>The first line with these words, waiting for it.</summary>
    public Task<string> WithAsync(string words) =>
        Soon.Async(() => Lines.FirstOrDefault(line => line.Contains(words, StringComparison.Ordinal)),
            () => $"no line \"{words}\" in:\n{string.Join('\n', Lines)}");
}

/// <summary>Waits for what has to come true within half a minute.</summary>
internal static class Soon
{
    public static async Task<T> Async<T>(Func<T?> find, Func<string>? otherwise = null)
        where T : class
    {
        for (int attempt = 0; attempt < 600; attempt++)
        {
            if (find() is { } found)
                return found;
            await Task.Delay(50);
        }
        throw new TimeoutException(otherwise?.Invoke() ?? "it did not come true");
    }

    public static Task TrueAsync(Func<bool> holds, Func<string>? otherwise = null) => Async(() => holds() ? "" : null, otherwise);
}
