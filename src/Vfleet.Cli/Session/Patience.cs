using System.CommandLine;
using System.Globalization;
using Vfleet.Cli.Output;
using Vfleet.Linux;

namespace Vfleet.Cli.Session;

/// <summary><c>--wait</c>: what is refused now is tried again until a deadline.</summary>
internal sealed class Patience
{
    private const int Default = 60;
    private const int Longest = 86_400;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Option<string?> _wait = new("--wait")
    {
        Description = "Wait until it can be had, this many seconds at most; 60 without a number",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Adds the option.</summary>
    public void AddTo(Command command) => command.Options.Add(_wait);

    /// <summary>How long to wait; zero where the option was not given.</summary>
    public Outcome<TimeSpan> Read(ParseResult parsed)
    {
        if (parsed.GetResult(_wait) is null)
            return TimeSpan.Zero;
        if (parsed.GetValue(_wait) is not { } text)
            return TimeSpan.FromSeconds(Default);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is >= 1 and <= Longest
            ? TimeSpan.FromSeconds(seconds)
            : Fault.Usage($"--wait \"{text}\" is not a number of seconds from 1 to {Longest}");
    }

    /// <summary>Tries until it is not refused any more.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="wait">How long.</param>
    /// <param name="attempt">The work.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>TimedOut with the last refusal where the deadline passed; the refusal itself where nobody asked to wait.</returns>
    public static Task<Outcome<T>> TryAsync<T>(TimeProvider time, TimeSpan wait, Func<Task<Outcome<T>>> attempt,
        CancellationToken cancel) =>
        wait == TimeSpan.Zero ? attempt() : ProgressBar.RunAsync(report => UntilAsync(time, wait, attempt, report, cancel));

    private static async Task<Outcome<T>> UntilAsync<T>(
        TimeProvider time, TimeSpan wait, Func<Task<Outcome<T>>> attempt, Action<string, int, int> report, CancellationToken cancel)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            Outcome<T> got = await attempt().ConfigureAwait(false);
            if (got.Fault is not { Kind: FaultKind.Refused or FaultKind.TimedOut } refused)
                return got;
            TimeSpan waited = time.GetElapsedTime(started);
            if (waited >= wait)
            {
                string cause = refused.Cause is null ? refused.Error : $"{refused.Error}: {refused.Cause}";
                return Fault.TimedOut($"nothing became free within {wait.TotalSeconds:0} s", cause, refused.Remedy, refused.Target);
            }
            report("waiting for a free VF", (int)waited.TotalSeconds, (int)wait.TotalSeconds);
            await Task.Delay(Pause, time, cancel).ConfigureAwait(false);
        }
    }
}
