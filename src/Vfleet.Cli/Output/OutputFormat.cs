namespace Vfleet.Cli.Output;

/// <summary>Values of <c>--output</c>.</summary>
internal static class OutputFormat
{
    public const string Table = "table";
    public const string Wide = "wide";
    public const string Json = "json";
    public const string Yaml = "yaml";

    public static readonly IReadOnlyList<string> Names = [Table, Wide, Json, Yaml];
}
