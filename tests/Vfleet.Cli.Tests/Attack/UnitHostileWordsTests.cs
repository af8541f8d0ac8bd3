using Vfleet.Cli.Output;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Attack;

public sealed class UnitHostileWordsTests
{
    [Theory]
    [InlineData("\u001b[31mred", "\\u001b[31mred")]
    [InlineData("a\u0007\u007f\u0085b", "a\\u0007\\u007f\\u0085b")]
    [InlineData("\u202eevil", "\\u202eevil")]
    [InlineData("naïve ✓ 😀", "naïve ✓ 😀")]
    public void WhatACallerNamedCannotSteerATerminal(string text, string shown)
    {
        Assert.Equal(shown, PlainText.Of(text));
        Assert.Equal($"vfleet: no PF {shown}", ErrorWriter.Line(Fault.NotFound($"no PF {text}")));
    }

    [Fact]
    public void AWordOfKilobytesIsCutAndWhatFollowsIsNot()
    {
        string line = ErrorWriter.Line(Fault.NotFound($"no PF {new string('a', 10240)}", "see `vfleet pf list`"));
        Assert.True(line.Length < 2 * PlainText.LongestWord);
        Assert.EndsWith("; see `vfleet pf list`", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "-o", "json", "pf", "nosuch")]
    [InlineData(true, "pf", "list", "--output", "json", "-o")]
    [InlineData(true, "pf", "list", "-o=json")]
    [InlineData(true, "up", "--json", "--nosuch")]
    [InlineData(false, "pf", "show", "json")]
    public void AProgramThatAskedForJsonIsAnsweredInIt(bool expected, params string[] words) => Assert.Equal(expected, UsageErrors.IsJson(words));

    [Fact]
    public void AStreamThatIsFullIsReportedOnceAndNeverTwice()
    {
        using GuardedWriter result = new(new FullWriter(), isResult: true);
        using GuardedWriter message = new(new FullWriter(), isResult: false);
        message.WriteLine("vfleet: progress");
        OutputLostException lost = Assert.Throws<OutputLostException>(() => result.WriteLine("[]"));
        Fault fault = lost.FaultOf(isLook: true);
        Assert.Equal((FaultKind.Kernel, "No space left on device"), (fault.Kind, fault.Cause));
    }

    private sealed class FullWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }
}
