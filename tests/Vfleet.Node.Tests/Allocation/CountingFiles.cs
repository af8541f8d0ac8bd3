using Vfleet.Linux;

namespace Vfleet.Node.Tests.Allocation;

/// <summary>Files that count how often they are asked.</summary>
internal sealed class CountingFiles(IFileTree files) : IFileTree
{
    public int Count { get; private set; }

    private IFileTree Counted
    {
        get
        {
            Count++;
            return files;
        }
    }

    public Outcome<string> ReadText(string path) => Counted.ReadText(path);

    public Outcome<int> ReadBytes(string path, Span<byte> destination) => Counted.ReadBytes(path, destination);

    public Outcome<Unit> WriteText(string path, string text) => Counted.WriteText(path, text);

    public Outcome<IReadOnlyList<string>> List(string path) => Counted.List(path);

    public Outcome<string> ReadLink(string path) => Counted.ReadLink(path);

    public bool Exists(string path) => Counted.Exists(path);
}
