namespace Vfleet.Cli.Lab;

/// <summary>Progress as lines on standard error, in the order of the work.</summary>
internal sealed class StderrProgress : IProgress<string>
{
    /// <inheritdoc/>
    public void Report(string value) => Console.Error.WriteLine($"vfleet lab: {value}");
}
