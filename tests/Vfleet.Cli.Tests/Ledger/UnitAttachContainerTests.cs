using System.Text.Json;
using Vfleet.Containers.Tests.Find;

namespace Vfleet.Cli.Tests.Ledger;

/// <summary><c>attach --container</c>: engines that the test plays, on the simulated machine.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class UnitAttachContainerTests
{
    private const string Vf = $"{KeptMachine.Pf}/0", DockerHost = "DOCKER_HOST";
    private const int Process = 4711;

    [Fact]
    public async Task AContainerOfDockerGetsAVfAndItsEndGivesItBack()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        string clean = await machine.ShownAsync(Vf);
        string path = Path.Combine(machine.State, "docker.sock");
        using DockerSocket docker = new(path, _ => DockerSocket.Container("0123456789abcdef", "web", isRunning: true, Process));
        machine.Kernel.Machine.SetFile(path, "");
        machine.Kernel.Machine.AddProcess(Process, command: "nginx");
        Environment.SetEnvironmentVariable(DockerHost, $"unix://{path}");
        try
        {
            JsonElement planned = await machine.JsonAsync("attach", Vf, "--container", "0123456789ab", "--dry-run");
            JsonElement attached = await machine.JsonAsync("attach", "--pool", KeptMachine.Pf, "--container", "web", "--vlan", "100");
            Assert.Equal((planned.GetProperty("vf").GetString(), $"/proc/{Process}/ns/net"),
                (attached.GetProperty("vf").GetString(), attached.GetProperty("namespace").GetString()));
        }
        finally
        {
            Environment.SetEnvironmentVariable(DockerHost, null);
        }
        Assert.Equal("web", (await machine.JsonAsync("ledger", "list"))[0].GetProperty("owner").GetString());
        await machine.JsonAsync("reconcile");
        Assert.Equal(1, (await machine.JsonAsync("ledger", "list")).GetArrayLength());

        machine.Kernel.Machine.EndProcess(Process);
        await machine.JsonAsync("reconcile");
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
        Assert.Equal(clean, await machine.ShownAsync(Vf));
    }

    [Fact]
    public async Task AContainerOfSystemdOwnsUntilItsNamespaceEndsAndNotBecauseItsProcessDid()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        machine.Kernel.Machine.AddProcess(Process, "blue", "init");
        machine.Kernel.Machine.SetFile("/run/systemd/machines/box", $"CLASS=container\nLEADER={Process}\n");
        await machine.JsonAsync("attach", Vf, "--container", "nspawn:box", "--owner", "shop");
        machine.Kernel.Machine.EndProcess(Process);
        await machine.JsonAsync("reconcile");
        Assert.Equal("shop", (await machine.JsonAsync("ledger", "list"))[0].GetProperty("owner").GetString());
        Assert.True(machine.Kernel.DeleteNamespace("blue").Succeeded);
        await machine.JsonAsync("reconcile");
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
    }

    [Fact]
    public async Task WhatIsNotFoundOrNotMeantOnceIsRefusedAndNothingIsChanged()
    {
        using KeptMachine machine = await KeptMachine.CreateAsync(vfs: 1);
        string before = await machine.ShownAsync(Vf);
        JsonElement unknown = await machine.FailsAsync(3, "attach", Vf, "--container", "web");
        foreach (string engine in (string[])["docker", "podman", "containerd", "nspawn"])
            Assert.Contains($"{engine}: ", unknown.GetProperty("cause").GetString(), StringComparison.Ordinal);
        await machine.FailsAsync(2, "attach", Vf, "--container", "a/b");
        await machine.FailsAsync(2, "attach", Vf, "--container", "web", "--netns", "blue");
        await machine.FailsAsync(2, "attach", Vf, "--container", "web", "--pid", "1");
        await machine.FailsAsync(2, "attach", Vf, "--pid", "1", "--netns", "blue");
        machine.Kernel.Machine.SetFile("/run/systemd/machines/host", "CLASS=container\nLEADER=1\n");
        JsonElement own = await machine.FailsAsync(2, "attach", Vf, "--container", "host");
        Assert.Contains("host's own namespace", own.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await machine.ShownAsync(Vf));
        Assert.Equal(0, (await machine.JsonAsync("ledger", "list")).GetArrayLength());
    }
}
