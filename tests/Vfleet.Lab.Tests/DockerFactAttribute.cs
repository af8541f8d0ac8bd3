namespace Vfleet.Lab.Tests;

/// <summary>A test with a real dockerd in the guest, which has the programs of the host.</summary>
public sealed class DockerFactAttribute : FactAttribute
{
    public DockerFactAttribute() => Skip = Array.Find(["/usr/sbin/dockerd", "/usr/bin/docker", "/usr/bin/containerd", "/usr/sbin/runc"],
        program => !File.Exists(program)) is { } missing ? $"{missing} is missing: install docker.io" : null;
}
