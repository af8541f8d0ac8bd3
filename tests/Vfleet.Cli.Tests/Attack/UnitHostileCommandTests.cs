using Vfleet.Cli.Commands;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Attack;

[Collection(ConsoleCollection.Name)]
public sealed class UnitHostileCommandTests
{
    [Theory]
    [InlineData("vf", "create", "enp1s0f0", " 1")]
    [InlineData("vf", "create", "enp1s0f0", "+1")]
    [InlineData("vf", "create", "enp1s0f0", "1e3")]
    [InlineData("vf", "create", "enp1s0f0", "٣")]
    [InlineData("vf", "create", "enp1s0f0", "99999999999")]
    [InlineData("vf", "create", "enp1s0f0", "-1")]
    [InlineData("pf", "list", "--state", "")]
    [InlineData("pf", "list", "@/dev/zero")]
    [InlineData("pf", "list", "-o", "xml")]
    [InlineData("top", "--interval", "x")]
    [InlineData("top", "--interval", "1.5")]
    [InlineData("top", "--interval", "0")]
    [InlineData("plan", "-f", "")]
    [InlineData("maintenance", "start", "--reason", "a\u001b[2J")]
    [InlineData("maintenance", "start", "--reason", "")]
    public async Task WhatCannotBeMeantIsWrongUsage(params string[] words) =>
        Assert.Equal((int)FaultKind.Usage, await CommandLine.RunAsync(["--host", "sim:igb", .. words]).WaitAsync(TimeSpan.FromSeconds(60)));
}
