using Vfleet.Containers.Find;

namespace Vfleet.Containers.Tests.Find;

/// <summary>Containers by name or id, of every engine.</summary>
public sealed class UnitContainerFinderTests
{
    private static readonly string Id = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));

    [Fact]
    public async Task AContainerOfDockerIsFoundByItsSocket()
    {
        using FakeMachine machine = new();
        using DockerSocket docker = machine.Docker(path =>
            path == "/containers/web/json" ? DockerSocket.Container(Id, "web", isRunning: true, 4711) : DockerSocket.Unknown());
        Assert.Equal(new FoundContainer("docker", "web", Id, 4711), await FoundAsync(machine, "web"));
        Assert.Equal(4711, (await FoundAsync(machine, "docker:web")).Process);
        await RefusedAsync(machine, FaultKind.NotFound, "other", "docker: none of this name");
    }

    [Theory]
    [InlineData("/var/lib/containers/storage/overlay-containers/containers.json")]
    [InlineData("/var/lib/containers/storage/overlay-containers/volatile-containers.json")]
    public async Task AContainerOfPodmanIsFoundByNameAndBeginningOfItsId(string list)
    {
        using FakeMachine machine = new();
        machine.AddPodman(Id, "web", "77", list);
        machine.AddProcess(77, $"/machine.slice/libpod-{Id}.scope/container");
        foreach (string name in (string[])["web", Id, Id[..12], "podman:web"])
            Assert.Equal(new FoundContainer("podman", "web", Id, 77), await FoundAsync(machine, name));
        await RefusedAsync(machine, FaultKind.NotFound, Id[..3], "podman: none of this name");
    }

    [Fact]
    public async Task PodmansStorageIsWhereItsSettingsSay()
    {
        using FakeMachine machine = new();
        machine.Write("/etc/containers/storage.conf",
            "[storage]\n# graphroot = \"/nowhere\"\ngraphroot = \"/data/storage\"\nrunroot=\"/data/run\"\n");
        machine.Write("/data/storage/vfs-containers/containers.json", $$"""[{"id": "{{Id}}", "names": ["web"]}]""");
        machine.Write($"/data/run/vfs-containers/{Id}/userdata/pidfile", "77");
        machine.AddProcess(77, $"/libpod_parent/libpod-{Id}");
        Assert.Equal(77, (await FoundAsync(machine, "web")).Process);
    }

    [Fact]
    public async Task AContainerWithoutControlGroupIsKnownByItsMonitor()
    {
        using FakeMachine machine = new();
        machine.AddPodman(Id, "web", "77");
        machine.AddProcess(77, parent: 70);
        machine.Write("/proc/70/cmdline", $"/usr/bin/conmon\0--api-version\0{1}\0-c\0{Id}\0");
        Assert.Equal(77, (await FoundAsync(machine, "web")).Process);
    }

    [Fact]
    public async Task AProcessThatHasTheNumberOfAnEndedContainersIsNotTakenForIt()
    {
        using FakeMachine machine = new();
        machine.AddPodman(Id, "web", "77");
        await RefusedAsync(machine, FaultKind.Refused, "web", "does not run");
        machine.AddProcess(77, "/system.slice/ssh.service");
        await RefusedAsync(machine, FaultKind.Refused, "web", "does not run");
        machine.Write($"/run/containerd/io.containerd.runtime.v2.task/default/job/init.pid", "77");
        await RefusedAsync(machine, FaultKind.Refused, "containerd:job", "does not run");
    }

    [Fact]
    public async Task ATaskOfContainerdIsFoundInEachOfItsNamespaces()
    {
        using FakeMachine machine = new();
        machine.Write("/run/containerd/io.containerd.runtime.v2.task/k8s.io/job/init.pid", "78");
        machine.AddProcess(78, "/k8s.io/job");
        machine.MakeFolder("/run/containerd/io.containerd.runtime.v2.task/default");
        Assert.Equal(new FoundContainer("containerd", "job", "job", 78), await FoundAsync(machine, "job"));
    }

    [Theory]
    [InlineData("/default/job2")]
    [InlineData("/default/a-job")]
    [InlineData("/default/docker-job.service")]
    [InlineData("/default/other-job.scope")]
    [InlineData("/jobs.slice/jobs-job.slice/x")]
    public async Task AProcessWhoseGroupOnlyContainsTheIdIsAnothers(string group)
    {
        using FakeMachine machine = new();
        machine.Write("/run/containerd/io.containerd.runtime.v2.task/default/job/init.pid", "78");
        machine.AddProcess(78, group);
        await RefusedAsync(machine, FaultKind.Refused, "containerd:job", "does not run");
    }

    [Theory]
    [InlineData("/kubepods.slice/kubepods-pod1.slice/cri-containerd-job.scope")]
    [InlineData("/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:job")]
    [InlineData("/system.slice/nerdctl-job.scope/init")]
    public async Task TheGroupOfAContainerHasItsEngineBeforeTheId(string group)
    {
        using FakeMachine machine = new();
        machine.Write("/run/containerd/io.containerd.runtime.v2.task/default/job/init.pid", "78");
        machine.AddProcess(78, group);
        Assert.Equal(78, (await FoundAsync(machine, "job")).Process);
    }

    [Fact]
    public async Task AContainerOfSystemdIsFoundAndAVirtualMachineIsNone()
    {
        using FakeMachine machine = new();
        machine.AddProcess(79);
        machine.Write("/run/systemd/machines/box", "# private\nNAME=box\nCLASS=container\nLEADER=79\n");
        machine.Write("/run/systemd/machines/guest", "NAME=guest\nCLASS=vm\nLEADER=79\n");
        Assert.Equal(new FoundContainer("nspawn", "box", "box", 79), await FoundAsync(machine, "box"));
        await RefusedAsync(machine, FaultKind.NotFound, "guest", "nspawn: none of this name");
    }

    [Fact]
    public async Task SeveralOfANameAreRefusedWithTheirListAndTheEngineTellsThemApart()
    {
        using FakeMachine machine = new();
        using DockerSocket docker = machine.Docker(_ => DockerSocket.Container(Id, "web", isRunning: true, 4711));
        machine.AddProcess(79);
        machine.Write("/run/systemd/machines/web", "CLASS=container\nLEADER=79\n");
        await RefusedAsync(machine, FaultKind.Refused, "web", $"docker:web ({Id[..12]}, process 4711), nspawn:web (web, process 79)");
        Assert.Equal(79, (await FoundAsync(machine, "nspawn:web")).Process);
    }

    [Fact]
    public async Task AContainerThatTwoEnginesKnowIsOne()
    {
        using FakeMachine machine = new();
        using DockerSocket docker = machine.Docker(_ => DockerSocket.Container(Id, "web", isRunning: true, 4711));
        machine.AddProcess(4711, $"/system.slice/docker-{Id}.scope");
        machine.Write($"/run/containerd/io.containerd.runtime.v2.task/moby/{Id}/init.pid", "4711");
        Assert.Equal("web", (await FoundAsync(machine, Id)).Name);
    }

    [Fact]
    public async Task WhereNoneIsFoundEachEngineIsNamedWithWhyItCouldNotBeAsked()
    {
        using FakeMachine machine = new();
        machine.Write("/var/lib/containers/storage/overlay-containers/containers.json", "[{");
        foreach (string words in (string[])["docker: no /",
            "podman: /var/lib/containers/storage/overlay-containers/containers.json is not understood",
            "containerd: no /run/containerd", "nspawn: no /run/systemd/machines"])
            await RefusedAsync(machine, FaultKind.NotFound, "web", words);
    }

    [Theory]
    [InlineData(null, "no answer within 2 s")]
    [InlineData("HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "it answered 500")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", "not understood")]
    [InlineData("220 mail.example.com\r\n", "could not be asked")]
    public async Task ADockerThatDoesNotAnswerProperlyKeepsNobodyFromTheOthers(string? answer, string words)
    {
        using FakeMachine machine = new();
        using DockerSocket docker = machine.Docker(_ => answer);
        await RefusedAsync(machine, FaultKind.NotFound, "web", words);
        machine.AddProcess(79);
        machine.Write("/run/systemd/machines/web", "CLASS=container\nLEADER=79\n");
        Assert.Equal("nspawn", (await FoundAsync(machine, "web")).Engine);
    }

    [Fact]
    public async Task AContainerThatDoesNotRunIsRefused()
    {
        using FakeMachine machine = new();
        using DockerSocket docker = machine.Docker(_ => DockerSocket.Container(Id, "web", isRunning: false, 0));
        await RefusedAsync(machine, FaultKind.Refused, "web", "does not run");
    }

    [Theory]
    [InlineData("")]
    [InlineData("docker:")]
    [InlineData("../../etc")]
    [InlineData("a/b")]
    [InlineData("-web")]
    [InlineData("web?all=1")]
    [InlineData("we b")]
    [InlineData("lxc:web")]
    [InlineData("docker:podman:web")]
    public async Task WhatIsNoNameIsWrongUsage(string text)
    {
        using FakeMachine machine = new();
        Assert.Equal(FaultKind.Usage, (await machine.Finder.FindAsync(text)).Fault?.Kind);
    }

    private static async Task<FoundContainer> FoundAsync(FakeMachine machine, string text)
    {
        Outcome<FoundContainer> found = await machine.Finder.FindAsync(text);
        Assert.True(found.Succeeded, $"{found.Fault}");
        return found.Value;
    }

    private static async Task RefusedAsync(FakeMachine machine, FaultKind kind, string text, string words)
    {
        Fault? fault = (await machine.Finder.FindAsync(text)).Fault;
        Assert.Equal(kind, fault?.Kind);
        Assert.Contains(words, $"{fault!.Error}; {fault.Cause}", StringComparison.Ordinal);
    }
}
