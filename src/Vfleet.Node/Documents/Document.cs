namespace Vfleet.Node.Documents;

/// <summary>A document people write and Vfleet obeys.</summary>
public abstract record Document
{
    /// <summary>Name, labels and annotations.</summary>
    public Metadata Metadata { get; init; } = new();

    /// <summary>Group and version, such as <c>vfleet.dev/v1alpha1</c>.</summary>
    public abstract string ApiVersion { get; }

    /// <summary>Kind, such as <c>PoolPolicy</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The resource, and so the pool, that it is about.</summary>
    public abstract string ResourceName { get; }

    /// <summary>As people name it: <c>PoolPolicy/fast</c>.</summary>
    public string Label => $"{Kind}/{Metadata.Name}";
}

/// <summary>Name, labels and annotations of a document. What a server adds is read and not kept.</summary>
public sealed record Metadata
{
    /// <summary>The name; one per kind.</summary>
    public string Name { get; init; } = "";

    /// <summary>The namespace in a cluster; null where none is written.</summary>
    public string? Namespace { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = MapKind.Empty;

    /// <summary>Annotations; those of <c>vfleet.dev/</c> have effect.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = MapKind.Empty;
}
