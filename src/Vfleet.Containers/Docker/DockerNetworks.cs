using System.Text.Json;
using Vfleet.Node.Ledger;

namespace Vfleet.Containers.Docker;

/// <summary>The networks dockerd made, kept in the ledger: dockerd tells of each once, and never again after a restart.</summary>
/// <param name="ledger">The ledger.</param>
public sealed class DockerNetworks(NodeLedger ledger)
{
    /// <summary>Keeps a network; the one of the same id is replaced.</summary>
    public Outcome<Unit> Keep(string id, DockerNetwork network) => ledger.Change(LedgerStep.Documents, change =>
    {
        string text = JsonSerializer.Serialize(network, DockerJson.Default.DockerNetwork);
        if (change.Meta(Key(id)) == text)
            return;
        change.SetMeta(Key(id), text);
        change.Note("docker network", $"{id} on {network.Pool}");
    });

    /// <summary>A network by its id.</summary>
    /// <returns>NotFound where it was never made here, as where the state directory is another one now.</returns>
    public Outcome<DockerNetwork> Find(string id)
    {
        if (!ledger.Read(view => view.Meta(Key(id))).Try(out string? text, out Fault? fault))
            return fault;
        return text is not null && JsonSerializer.Deserialize(text, DockerJson.Default.DockerNetwork) is { } network
            ? network
            : Fault.NotFound($"network {id} is not known", "remove it with `docker network rm` and create it again", id);
    }

    /// <summary>Every network.</summary>
    internal static IEnumerable<DockerNetwork> All(LedgerView view) =>
        view.MetaOf(Key("")).Select(text => JsonSerializer.Deserialize(text, DockerJson.Default.DockerNetwork)!);

    /// <summary>Forgets a network; done too where there is none.</summary>
    public Outcome<Unit> Forget(string id) => ledger.Change(LedgerStep.Documents, change =>
    {
        if (change.Meta(Key(id)) is null)
            return;
        change.SetMeta(Key(id), null);
        change.Note("docker network", $"{id} deleted");
    });

    private static string Key(string id) => $"docker.network.{id}";
}
