using System.Globalization;
using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;

namespace Vfleet.Bench.Rows.Telemetry;

/// <summary>What a scrape cannot be faster than: bare netlink gets, and a bare server that sends as many bytes.</summary>
internal sealed class BareScrape : IDisposable
{
    private const int GetsPerTurn = 5;
    private readonly IReadOnlyList<Conversation> _gets;
    private readonly Conversation _server;
    private readonly int _port;

    private BareScrape(IReadOnlyList<Conversation> gets, Conversation server, int port) => (_gets, _server, _port) = (gets, server, port);

    /// <param name="bench">Knows the programs.</param>
    /// <param name="gets">Each answers how long a get takes, nanoseconds.</param>
    public static async Task<BareScrape> StartAsync(Workbench bench, IReadOnlyList<Conversation> gets)
    {
        Conversation server = Conversation.Start(bench.Tool("send-bytes"));
        return new BareScrape(gets, server, int.Parse(await server.HearAsync().ConfigureAwait(false), CultureInfo.InvariantCulture));
    }

    /// <summary>Nanoseconds for one get of each interface.</summary>
    public async Task<double> ReadAsync()
    {
        double sum = 0;
        foreach (Conversation get in _gets)
            sum += double.Parse(await get.AskAsync(Sysfs.Text(GetsPerTurn)).ConfigureAwait(false), CultureInfo.InvariantCulture);
        return sum;
    }

    /// <summary>The same and the sending.</summary>
    public async Task<double> WholeAsync(long bytes) => await ReadAsync().ConfigureAwait(false)
        + await Clock.TimeAsync(() => HttpGet.CountAsync(_port, string.Create(CultureInfo.InvariantCulture, $"/{bytes}"))).ConfigureAwait(false);

    public void Dispose()
    {
        foreach (Conversation get in _gets)
            get.Dispose();
        _server.Dispose();
    }
}
