using Vfleet.Containers.Docker;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Containers.Tests;

/// <summary>Whether an endpoint lives: what dockerd says, and what its silence does not say.</summary>
public sealed class UnitDockerDoorTests : IAsyncDisposable
{
    private static readonly Owner Web = new() { Name = "web", Kind = OwnerKind.Workload, Workload = "n1/e1" };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vfleet-door-");
    private readonly Vfleet.Linux.Tests.ManualTime _time = new();
    private readonly FakeEngine _dockerd;
    private readonly DockerEngine _engine;
    private readonly DockerDoor _door;

    public UnitDockerDoorTests()
    {
        string path = Path.Combine(_folder.FullName, "docker.sock");
        _dockerd = new FakeEngine(path);
        _engine = new DockerEngine(path);
        _door = new DockerDoor(_engine, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _engine.Dispose();
        await _dockerd.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("n1/e2", "dockerd knows no such endpoint")]
    [InlineData("n2/e1", "dockerd knows no such network")]
    public async Task AnEndpointThatDockerdDoesNotKnowIsDeadOnlyAfterAWhile(string known, string reason)
    {
        _dockerd.Endpoints[known] = "other";
        Assert.Equal(LifeState.Unknown, (await AskAsync()).State);
        _time.Advance(DockerDoor.Doubt - TimeSpan.FromSeconds(1));
        Assert.Equal(LifeState.Unknown, (await AskAsync()).State);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Life.Dead(reason), await AskAsync());
    }

    [Fact]
    public async Task AnEndpointThatWasSeenAgainIsDoubtedFromTheBeginning()
    {
        _dockerd.Endpoints["n1/e2"] = "other";
        Assert.Equal(LifeState.Unknown, (await AskAsync()).State);
        _dockerd.Endpoints["n1/e1"] = "web";
        Assert.Equal(Life.Alive, await AskAsync());
        Assert.True(_dockerd.Endpoints.TryRemove("n1/e1", out _));
        _time.Advance(DockerDoor.Doubt);
        Assert.Equal(LifeState.Unknown, (await AskAsync()).State);
    }

    [Fact]
    public async Task TheTimeInWhichDockerdDidNotAnswerIsNoDoubt()
    {
        _dockerd.Endpoints["n1/e2"] = "other";
        Assert.Equal(LifeState.Unknown, (await AskAsync()).State);
        _time.Advance(DockerDoor.Doubt - TimeSpan.FromSeconds(1));
        _dockerd.Instead = FakeEngine.Http("500 Internal Server Error", "{}");
        Assert.NotNull((await _door.IsAliveAsync(Web, default)).Fault);
        _dockerd.Instead = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(LifeState.Unknown, (await AskAsync()).State);
        _time.Advance(DockerDoor.Doubt);
        Assert.Equal(LifeState.Dead, (await AskAsync()).State);
    }

    public static TheoryData<string> Nonsense() =>
    [
        FakeEngine.Http("500 Internal Server Error", """{"message":"starting"}"""),
        FakeEngine.Http("200 OK", "{}"),
        FakeEngine.Http("200 OK", """{"Containers":null}"""),
        FakeEngine.Http("200 OK", """{"Containers":{"c":"""),
        FakeEngine.Http("200 OK", "[]"),
        FakeEngine.Http("302 Found", "{}"),
        "nonsense\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task AnAnswerThatIsNoneIsNobodysDeath(string answer)
    {
        _dockerd.Instead = answer;
        Assert.Equal($"dockerd does not tell on {Path.Combine(_folder.FullName, "docker.sock")}",
            (await _door.IsAliveAsync(Web, default)).Fault?.Error);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.NotNull((await _door.IsAliveAsync(Web, default)).Fault);
    }

    [Fact]
    public async Task ADockerdThatIsNotRunningOrHangsIsNobodysDeath()
    {
        using DockerEngine nobody = new(Path.Combine(_folder.FullName, "nothing.sock"));
        Assert.NotNull((await new DockerDoor(nobody, _time).IsAliveAsync(Web, default)).Fault);
        using (_dockerd.Hold())
            Assert.Equal("no answer within 2 s", (await _door.IsAliveAsync(Web, default)).Fault?.Cause);
    }

    private async Task<Life> AskAsync() => (await _door.IsAliveAsync(Web, default)).Value;
}
