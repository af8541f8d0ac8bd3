using System.Text;
using Vfleet.Cli.Lab.Wire;

namespace Vfleet.Cli.Tests.Lab;

public sealed class StartRequestTests
{
    [Fact]
    public void Unit_a_request_comes_back_as_it_was_sent()
    {
        StartRequest sent = new(["sh", "-c", "echo 'ü' \"$A\"\n"], "/work dir", new Dictionary<string, string> { ["A"] = "=;" }, new TerminalSize(24, 80));

        StartRequest got = StartRequest.Decode(sent.Encode())!;

        Assert.Equal(sent.Argv, got.Argv);
        Assert.Equal(sent.Cwd, got.Cwd);
        Assert.Equal(sent.Env, got.Env);
        Assert.Equal(sent.Terminal, got.Terminal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"Argv":[],"Cwd":"/","Env":{}}""")]
    [InlineData("""{"Argv":["ls"],"Env":{}}""")]
    public void Unit_what_is_no_request_is_null(string json) => Assert.Null(StartRequest.Decode(Encoding.UTF8.GetBytes(json)));
}
