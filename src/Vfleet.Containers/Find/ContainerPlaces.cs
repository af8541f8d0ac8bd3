namespace Vfleet.Containers.Find;

/// <summary>Where engines keep what tells of their containers.</summary>
public sealed record ContainerPlaces
{
    /// <summary>Docker's socket.</summary>
    public string DockerSocket { get; init; } = Docker.DockerEngine.DefaultPath;

    /// <summary>Settings of podman's storage, the first that is there.</summary>
    public IReadOnlyList<string> StorageSettings { get; init; } = ["/etc/containers/storage.conf", "/usr/share/containers/storage.conf"];

    /// <summary>Podman's storage, where its settings name no other.</summary>
    public string StorageRoot { get; init; } = "/var/lib/containers/storage";

    /// <summary>The part of it that ends with the boot.</summary>
    public string StorageRunRoot { get; init; } = "/run/containers/storage";

    /// <summary>containerd's tasks: a folder for each of its namespaces, one in it for each container.</summary>
    public string ContainerdTasks { get; init; } = "/run/containerd/io.containerd.runtime.v2.task";

    /// <summary>What systemd-machined keeps of its machines.</summary>
    public string Machines { get; init; } = "/run/systemd/machines";

    /// <summary>How long an engine may take to answer.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);
}
