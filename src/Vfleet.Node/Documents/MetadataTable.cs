using F = Vfleet.Node.Documents.FieldOf<Vfleet.Node.Documents.Metadata>;

namespace Vfleet.Node.Documents;

/// <summary>The fields of every document's metadata.</summary>
internal static class MetadataTable
{
    /// <summary>The fields.</summary>
    public static readonly ObjectTable<Metadata> Table = new(
        "Name, labels and annotations",
        new Metadata(),
        F.Item("name", Kinds.ObjectName, m => m.Name, (m, v) => m with { Name = v }, "The document's name, one per kind", isRequired: true),
        F.Item("namespace", Kinds.ObjectName, m => m.Namespace, (m, v) => m with { Namespace = v },
            "The document's namespace in a cluster"),
        F.Item("labels", Kinds.Map, m => m.Labels, (m, v) => m with { Labels = v }, "Labels, kept as they are"),
        F.Item("annotations", Kinds.Map, m => m.Annotations, (m, v) => m with { Annotations = v },
            "Annotations. vfleet.dev/provision: max on a SriovNetworkNodePolicy creates as many VFs as the device has from the start"),
        F.Passed("generateName", "Written by a server"),
        F.Passed("selfLink", "Written by a server"),
        F.Passed("uid", "Written by a server"),
        F.Passed("resourceVersion", "Written by a server"),
        F.Passed("generation", "Written by a server"),
        F.Passed("creationTimestamp", "Written by a server"),
        F.Passed("deletionTimestamp", "Written by a server"),
        F.Passed("deletionGracePeriodSeconds", "Written by a server"),
        F.Passed("ownerReferences", "Written by a server"),
        F.Passed("finalizers", "Written by a server"),
        F.Passed("managedFields", "Written by a server"));
}
