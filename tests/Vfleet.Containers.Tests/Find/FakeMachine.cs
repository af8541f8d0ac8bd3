using Vfleet.Containers.Find;
using Vfleet.Linux.Real;

namespace Vfleet.Containers.Tests.Find;

/// <summary>A tree of files with what engines leave in it.</summary>
internal sealed class FakeMachine : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    public FakeMachine()
    {
        Places = new ContainerPlaces { DockerSocket = Path.Combine(_root, "docker.sock"), Deadline = TimeSpan.FromSeconds(2) };
        Write("/proc/1/stat", "1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0");
    }

    public ContainerPlaces Places { get; }

    public ContainerFinder Finder => ContainerFinder.OfAll(new LinuxKernel(_root).Files, Places);

    public void Write(string path, string text)
    {
        string file = _root + path;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    public void MakeFolder(string path) => Directory.CreateDirectory(_root + path);

    /// <summary>A process that runs.</summary>
    public void AddProcess(int process, string cgroup = "/", int parent = 1)
    {
        Write($"/proc/{process}/stat", $"{process} (a b) c) S {parent} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 77 0 0");
        Write($"/proc/{process}/cgroup", $"0::{cgroup}\n");
    }

    /// <summary>A Docker, which knows some containers.</summary>
    public DockerSocket Docker(Func<string, string?> answer)
    {
        // The tree has the socket too, for whoever looks whether there is one.
        Write(Places.DockerSocket, "");
        return new DockerSocket(Places.DockerSocket, answer);
    }

    /// <summary>A container of podman's.</summary>
    public void AddPodman(string id, string name, string process,
        string file = "/var/lib/containers/storage/overlay-containers/containers.json")
    {
        Write(file, $$"""[{"id": "{{id}}", "names": ["{{name}}"], "layer": "l"}, {"id": "{{new string('f', 64)}}"}]""");
        Write($"/run/containers/storage/overlay-containers/{id}/userdata/pidfile", process);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
