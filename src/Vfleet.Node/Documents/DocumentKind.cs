using System.Text.Json.Nodes;

namespace Vfleet.Node.Documents;

/// <summary>A kind of document: how it is read, checked, written and described.</summary>
internal abstract class DocumentKind(string apiVersion, string name)
{
    /// <summary>Every kind.</summary>
    public static readonly IReadOnlyList<DocumentKind> All =
    [
        new DocumentKind<NodePolicy>(KindNames.OperatorGroup + "/v1", KindNames.NodePolicy,
            "How many VFs which PFs have, and which resource they are", new NodePolicy(),
            FieldOf<NodePolicy>.Item("metadata", Kinds.Object(MetadataTable.Table), d => d.Metadata, (d, v) => d with { Metadata = v },
                "Name, labels and annotations", isRequired: true),
            FieldOf<NodePolicy>.Item("spec", Kinds.Object(NodePolicyTable.Table), d => d.Spec, (d, v) => d with { Spec = v },
                "What is wanted", isRequired: true),
            NodePolicyChecks.Check),
        new DocumentKind<Network>(KindNames.OperatorGroup + "/v1", KindNames.Network,
            "Settings a VF gets when it is attached by this network's name", new Network(),
            FieldOf<Network>.Item("metadata", Kinds.Object(MetadataTable.Table), d => d.Metadata, (d, v) => d with { Metadata = v },
                "Name, labels and annotations", isRequired: true),
            FieldOf<Network>.Item("spec", Kinds.Object(NetworkTable.Table), d => d.Spec, (d, v) => d with { Spec = v }, "What is wanted",
                isRequired: true),
            SpecChecks.Check),
        new DocumentKind<PoolPolicy>(KindNames.OwnGroup + "/v1alpha1", KindNames.PoolPolicy,
            "How a pool's VFs are chosen, cleaned, kept ready, watched and tuned", new PoolPolicy(),
            FieldOf<PoolPolicy>.Item("metadata", Kinds.Object(MetadataTable.Table), d => d.Metadata, (d, v) => d with { Metadata = v },
                "Name, labels and annotations", isRequired: true),
            FieldOf<PoolPolicy>.Item("spec", Kinds.Object(PoolPolicyTable.Table), d => d.Spec, (d, v) => d with { Spec = v },
                "What is wanted", isRequired: true),
            SpecChecks.Check),
    ];

    /// <summary>Group and version.</summary>
    public string ApiVersion => apiVersion;

    /// <summary>The kind's name.</summary>
    public string Name => name;

    /// <summary>The kind of a document.</summary>
    public static DocumentKind Of(Document document) => All.First(kind => kind.Name == document.Kind);

    /// <summary>Reads a document of this kind; null where it is none at all.</summary>
    public abstract Document? Read(MapNode node, Reading reading);

    /// <summary>The document as it is written.</summary>
    public abstract JsonObject Write(Document document);

    /// <summary>The kind's JSON Schema, without the words that make it a schema of its own.</summary>
    public abstract JsonObject Schema();
}

/// <summary>A kind of document that becomes one record.</summary>
internal sealed class DocumentKind<T>(string apiVersion, string name, string description, T empty, Field<T> metadata, Field<T> spec,
    Action<T, Reading> check)
    : DocumentKind(apiVersion, name)
    where T : Document
{
    private readonly ObjectTable<T> _table = new(
        description,
        empty,
        FieldOf<T>.Item("apiVersion", Kinds.Words(apiVersion), _ => apiVersion, (d, _) => d, "Group and version", isRequired: true),
        FieldOf<T>.Item("kind", Kinds.Words(name), _ => name, (d, _) => d, "Kind", isRequired: true),
        metadata,
        spec,
        FieldOf<T>.Passed("status", "Written by a server"));

    /// <inheritdoc/>
    public override Document? Read(MapNode node, Reading reading)
    {
        T? document = _table.Read(node, "", reading);
        if (document is not null)
            check(document, reading);
        return document;
    }

    /// <inheritdoc/>
    public override JsonObject Write(Document document) => _table.Write((T)document);

    /// <inheritdoc/>
    public override JsonObject Schema() => _table.Schema();
}
