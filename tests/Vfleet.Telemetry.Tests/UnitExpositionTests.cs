using System.Text;
using Vfleet.Telemetry.Exposition;

namespace Vfleet.Telemetry.Tests;

public sealed class UnitExpositionTests
{
    private static readonly MetricFamily[] Families =
    [
        new("vfleet_vf_receive_bytes", MetricKind.Counter, "Bytes the VF received.", "bytes", [new Sample(LabelSet.Of(("vf", "0")),
            ulong.MaxValue)]),
        new("vfleet_vf", MetricKind.Info, "A VF.", null, [new Sample(LabelSet.Of(("owner", "blue")), 1)]),
        new("sriov_vf_rx_bytes", MetricKind.OldCounter, "Statistic rx_bytes.", null, [new Sample(LabelSet.Whole(("numa_node", null), ("vf",
            "0")), 7UL)]),
        new("vfleet_telemetry_read_seconds", MetricKind.Gauge, "How long \"reading\" took:\\ or\nso.", "seconds",
            [new Sample(LabelSet.None, 0.25)]),
        new("vfleet_nothing", MetricKind.Gauge, "Never written.", null, []),
    ];

    [Fact]
    public void TheTextFormatNamesMetricsAsTheirSamples() => Assert.Equal(
        """
        # HELP vfleet_vf_receive_bytes_total Bytes the VF received.
        # TYPE vfleet_vf_receive_bytes_total counter
        vfleet_vf_receive_bytes_total{vf="0"} 18446744073709551615
        # HELP vfleet_vf_info A VF.
        # TYPE vfleet_vf_info gauge
        vfleet_vf_info{owner="blue"} 1
        # HELP sriov_vf_rx_bytes Statistic rx_bytes.
        # TYPE sriov_vf_rx_bytes counter
        sriov_vf_rx_bytes{numa_node="",vf="0"} 7
        # HELP vfleet_telemetry_read_seconds How long "reading" took:\\ or\nso.
        # TYPE vfleet_telemetry_read_seconds gauge
        vfleet_telemetry_read_seconds 0.25

        """, Text(ExpositionFormat.PrometheusText));

    [Fact]
    public void OpenMetricsHasUnitsTypesAndAnEnd() => Assert.Equal(
        """
        # HELP vfleet_vf_receive_bytes Bytes the VF received.
        # TYPE vfleet_vf_receive_bytes counter
        # UNIT vfleet_vf_receive_bytes bytes
        vfleet_vf_receive_bytes_total{vf="0"} 18446744073709551615
        # HELP vfleet_vf A VF.
        # TYPE vfleet_vf info
        vfleet_vf_info{owner="blue"} 1
        # HELP sriov_vf_rx_bytes Statistic rx_bytes.
        # TYPE sriov_vf_rx_bytes unknown
        sriov_vf_rx_bytes{numa_node="",vf="0"} 7
        # HELP vfleet_telemetry_read_seconds How long \"reading\" took:\\ or\nso.
        # TYPE vfleet_telemetry_read_seconds gauge
        # UNIT vfleet_telemetry_read_seconds seconds
        vfleet_telemetry_read_seconds 0.25
        # EOF

        """, Text(ExpositionFormat.OpenMetrics));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("say \"hi\"", "say \\\"hi\\\"")]
    [InlineData("two\nlines", "two\\nlines")]
    [InlineData("C:\\dir", "C:\\\\dir")]
    [InlineData("tab\tand é and 𐍈", "tab\tand é and 𐍈")]
    [InlineData("}{,=#", "}{,=#")]
    public void ValuesAreEscaped(string value, string written) =>
        Assert.Equal($"{{owner=\"{written}\"}}", LabelSet.Of(("owner", value)).ToString());

    [Fact]
    public void HalfACharacterIsReplaced() => Assert.Equal("{owner=\"half \ufffd\"}", LabelSet.Of(("owner", "half \ud800")).ToString());

    [Fact]
    public void LongValuesAreCutAtAWholeCharacter()
    {
        Assert.Equal(LabelSet.LongestValue, Value(new string('a', 10_000)).Length);
        Assert.Equal(1 + (3 * ((LabelSet.LongestValue - 1) / 3)), Encoding.UTF8.GetByteCount(Value("a" + new string('€', 10_000))));
        Assert.Equal(2 * LabelSet.LongestValue, Value(new string('"', 10_000)).Length);

        static string Value(string text) => LabelSet.Of(("owner", text)).ToString()[8..^2];
    }

    [Theory]
    [InlineData(null, ExpositionFormat.PrometheusText)]
    [InlineData("", ExpositionFormat.PrometheusText)]
    [InlineData("*/*", ExpositionFormat.PrometheusText)]
    [InlineData("text/html,application/xhtml+xml;q=0.9", ExpositionFormat.PrometheusText)]
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;q=0.5,*/*;q=0.1",
        ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4",
        ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text; q=0.3, text/plain; q=0.4", ExpositionFormat.PrometheusText)]
    [InlineData("application/openmetrics-text;q=0", ExpositionFormat.PrometheusText)]
    [InlineData("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", ExpositionFormat.PrometheusText)]
    [InlineData("application/openmetrics-text;q=nonsense", ExpositionFormat.PrometheusText)]
    [InlineData(";;,=,;q=", ExpositionFormat.PrometheusText)]
    [InlineData("APPLICATION/OpenMetrics-Text; Version=\"1.0.0\"", ExpositionFormat.OpenMetrics)]
    public void TheFormatIsTheOneThatIsWanted(string? accept, ExpositionFormat format) =>
        Assert.Equal(format, ExpositionFormats.Choose(accept));

    private static string Text(ExpositionFormat format) => Encoding.UTF8.GetString(ExpositionWriter.Write(Families, format));
}
