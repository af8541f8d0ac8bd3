using Spectre.Console;

namespace Vfleet.Cli.Output;

/// <summary>Progress on standard error: a bar on a terminal, nothing elsewhere.</summary>
internal static class ProgressBar
{
    /// <summary>Runs work that reports a stage, how much of it is done, and how much there is.</summary>
    public static async Task<T> RunAsync<T>(Func<Action<string, int, int>, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
            return await work((_, _, _) => { }).ConfigureAwait(false);
        T? result = default;
        await Terminal.Error.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new SpinnerColumn())
            .StartAsync(async context =>
            {
                Lock gate = new();
                Dictionary<string, ProgressTask> stages = new(StringComparer.Ordinal);
                result = await work((stage, done, total) =>
                {
                    lock (gate)
                    {
                        foreach (ProgressTask earlier in stages.Where(pair => pair.Key != stage).Select(pair => pair.Value))
                            earlier.Value = earlier.MaxValue;
                        if (!stages.TryGetValue(stage, out ProgressTask? task))
                            stages[stage] = task = context.AddTask(stage, maxValue: Math.Max(1, total));
                        task.Value = done;
                    }
                }).ConfigureAwait(false);
            }).ConfigureAwait(false);
        return result!;
    }
}
