namespace Vfleet.Linux.Tests;

/// <summary>Assertions on outcomes that say what went wrong.</summary>
internal static class Expect
{
    public static T Value<T>(Outcome<T> outcome)
    {
        Assert.True(outcome.Succeeded, outcome.Fault?.ToString());
        return outcome.Value;
    }

    public static void Done(Outcome<Unit> outcome) => Assert.True(outcome.Succeeded, outcome.Fault?.ToString());

    public static Fault Fault<T>(Outcome<T> outcome)
    {
        Assert.False(outcome.Succeeded, "expected a fault");
        return outcome.Fault!;
    }
}
