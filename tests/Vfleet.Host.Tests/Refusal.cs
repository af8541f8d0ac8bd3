using Vfleet.Linux;

namespace Vfleet.Host.Tests;

/// <summary>Assertions on refusals that say what came instead.</summary>
internal static class Refusal
{
    /// <summary>The outcome is a fault of the kind, and its text says all the words.</summary>
    public static Fault Is<T>(FaultKind kind, Outcome<T> outcome, params string[] words)
    {
        Assert.False(outcome.Succeeded, $"expected {kind}, but it was done");
        Fault fault = outcome.Fault!;
        Assert.True(fault.Kind == kind, $"expected {kind}: {fault}");
        string text = $"{fault.Error} {fault.Cause} {fault.Remedy}";
        foreach (string word in words)
            Assert.Contains(word, text, StringComparison.OrdinalIgnoreCase);
        return fault;
    }
}
