using System.Text.Json;
using Vfleet.Host.State;

namespace Vfleet.Node.Ledger;

/// <summary>Owners as the ledger keeps them in a column.</summary>
internal static class LedgerJson
{
    /// <summary>Writes an owner; nulls are left out.</summary>
    public static string Write(Owner owner) => JsonFields.Write(owner, Fields);

    /// <summary>Reads an owner.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static Owner ReadOwner(string text) => JsonFields.Read<Owner>(text, OfOwner);

    private static void Fields(Utf8JsonWriter json, Owner it)
    {
        json.WriteString("name"u8, it.Name);
        json.WriteString("kind"u8, it.Kind switch
        {
            OwnerKind.Process => nameof(OwnerKind.Process),
            OwnerKind.Namespace => nameof(OwnerKind.Namespace),
            OwnerKind.Workload => nameof(OwnerKind.Workload),
            _ => nameof(OwnerKind.Name),
        });
        json.Put("bootId"u8, it.BootId);
        json.Put("namespacePath"u8, it.NamespacePath);
        json.Put("namespaceCookie"u8, it.NamespaceCookie);
        json.Put("namespaceInode"u8, it.NamespaceInode);
        json.Put("processId"u8, it.ProcessId);
        json.Put("processStart"u8, it.ProcessStart);
        json.Put("workload"u8, it.Workload);
    }

    private static Owner OfOwner(ref JsonFields fields)
    {
        string? name = null, boot = null, path = null, workload = null;
        OwnerKind kind = OwnerKind.Name;
        ulong? cookie = null, inode = null;
        int? process = null;
        long? start = null;
        while (fields.Next())
        {
            if (fields.Is("name"u8)) name = fields.SomeText();
            else if (fields.Is("kind"u8)) kind = Kind(fields.SomeText());
            else if (fields.Is("bootId"u8)) boot = fields.Text();
            else if (fields.Is("namespacePath"u8)) path = fields.Text();
            else if (fields.Is("namespaceCookie"u8)) cookie = fields.ULong();
            else if (fields.Is("namespaceInode"u8)) inode = fields.ULong();
            else if (fields.Is("processId"u8)) process = fields.Int();
            else if (fields.Is("processStart"u8)) start = fields.Long();
            else if (fields.Is("workload"u8)) workload = fields.Text();
            else fields.Skip();
        }
        return new Owner
        {
            Name = name ?? throw JsonFields.Missing("name"),
            Kind = kind,
            BootId = boot,
            NamespacePath = path,
            NamespaceCookie = cookie,
            NamespaceInode = inode,
            ProcessId = process,
            ProcessStart = start,
            Workload = workload,
        };
    }

    private static OwnerKind Kind(string name) => name switch
    {
        nameof(OwnerKind.Name) => OwnerKind.Name,
        nameof(OwnerKind.Process) => OwnerKind.Process,
        nameof(OwnerKind.Namespace) => OwnerKind.Namespace,
        nameof(OwnerKind.Workload) => OwnerKind.Workload,
        _ => throw new JsonException($"{name} is no kind of owner"),
    };
}
