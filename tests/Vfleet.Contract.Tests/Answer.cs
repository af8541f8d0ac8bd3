using Vfleet.Linux;

namespace Vfleet.Contract.Tests;

/// <summary>Assertions on what the kernel answered.</summary>
internal static class Answer
{
    public static void Done<T>(Outcome<T> outcome) => Assert.True(outcome.Succeeded, outcome.Fault?.ToString());

    public static void Is<T>(Errno errno, Outcome<T> outcome) =>
        Assert.True(outcome.Fault?.Errno == errno, $"expected {errno}: {outcome.Fault?.ToString() ?? "it was done"}");

    public static void Is<T>(FaultKind kind, Outcome<T> outcome) =>
        Assert.True(outcome.Fault?.Kind == kind, $"expected {kind}: {outcome.Fault?.ToString() ?? "it was done"}");
}
