namespace Vfleet.Cli.Tests.Policies;

/// <summary>A folder of documents, and beside it a state directory that outlives one command.</summary>
internal sealed class DocumentFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vfleet-documents-");
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("vfleet-state-");

    public string Path => _folder.FullName;

    public string State => _state.FullName;

    /// <summary>A policy for a PF.</summary>
    public static string Policy(string name, string pf, int vfs, string more = "") => $$"""
        apiVersion: sriovnetwork.openshift.io/v1
        kind: SriovNetworkNodePolicy
        metadata: {name: {{name}}}
        spec:
          resourceName: {{name}}
          numVfs: {{vfs}}
          nicSelector: {pfNames: ["{{pf}}"]}
          {{more}}

        """;

    /// <returns>The file's path.</returns>
    public string Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs a command on this machine, whose PFs the documents do not mean, with a ledger of the test's own.</summary>
    public Task<CommandRun> RunAsync(params string[] words) => CommandRun.OfAsync(["--state", _state.FullName, .. words]);

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _state.Delete(recursive: true);
    }
}
