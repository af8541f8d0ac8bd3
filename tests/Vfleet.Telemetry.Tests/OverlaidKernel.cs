using Vfleet.Linux;

namespace Vfleet.Telemetry.Tests;

/// <summary>A simulated kernel some of whose files are others, or hang.</summary>
internal sealed class OverlaidKernel(IKernel below) : ForwardingKernel(below), IDisposable
{
    private readonly ManualResetEventSlim _go = new(true);

    public Dictionary<string, string> Texts { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Links { get; } = new(StringComparer.Ordinal);

    /// <summary>Whoever reads a file below this hangs; null for nothing.</summary>
    public string? Hung { get; private set; }

    public int Hanging { get; private set; }

    public override IFileTree Files => new Overlay(this, base.Files);

    public void Hang(string path)
    {
        _go.Reset();
        Hung = path;
    }

    public void Release()
    {
        Hung = null;
        _go.Set();
    }

    public void Dispose()
    {
        Release();
        _go.Dispose();
    }

    private void Pass(string path)
    {
        if (Hung is not { } hung || !path.StartsWith(hung, StringComparison.Ordinal))
            return;
        Hanging++;
        _go.Wait();
    }

    private sealed class Overlay(OverlaidKernel kernel, IFileTree files) : IFileTree
    {
        public Outcome<string> ReadText(string path)
        {
            kernel.Pass(path);
            return kernel.Texts.TryGetValue(path, out string? text) ? text : files.ReadText(path);
        }

        public Outcome<int> ReadBytes(string path, Span<byte> destination) => files.ReadBytes(path, destination);

        public Outcome<Unit> WriteText(string path, string text) => files.WriteText(path, text);

        public Outcome<IReadOnlyList<string>> List(string path)
        {
            string[] own = [.. kernel.Texts.Keys.Concat(kernel.Links.Keys).Where(known => known.StartsWith($"{path}/", StringComparison.Ordinal))
                .Select(known => known[(path.Length + 1)..].Split('/')[0])];
            Outcome<IReadOnlyList<string>> below = files.List(path);
            return own.Length == 0 ? below : Outcome<IReadOnlyList<string>>.Of([.. (below.Or(null) ?? []).Concat(own).Distinct().Order(StringComparer.Ordinal)]);
        }

        public Outcome<string> ReadLink(string path) => kernel.Links.TryGetValue(path, out string? link) ? link : files.ReadLink(path);

        public bool Exists(string path) => kernel.Texts.Keys.Any(known => known == path || known.StartsWith($"{path}/", StringComparison.Ordinal)) || files.Exists(path);
    }
}
