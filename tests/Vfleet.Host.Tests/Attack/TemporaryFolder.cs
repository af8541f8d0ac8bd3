namespace Vfleet.Host.Tests.Attack;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
