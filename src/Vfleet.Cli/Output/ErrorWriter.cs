using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vfleet.Cli.Commands;
using Vfleet.Linux;

namespace Vfleet.Cli.Output;

/// <summary>Errors on standard error: one line, or an object with <c>-o json</c>.</summary>
internal static class ErrorWriter
{
    /// <returns>The exit code.</returns>
    public static int Report(Fault fault, string format, int? exitCode = null)
    {
        Console.Error.WriteLine(format == OutputFormat.Json ? Json(fault) : Line(fault));
        return exitCode ?? (int)fault.Kind;
    }

    /// <summary>Reports what no command foresaw.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="format">The format of results.</param>
    /// <param name="isVerbose">The trace is wanted too.</param>
    /// <param name="parsed">The command line; null where it could not be parsed.</param>
    /// <returns>The exit code.</returns>
    public static int ReportDefect(Exception e, string format, bool isVerbose, ParseResult? parsed = null)
    {
        if (e is OutputLostException lost)
            return Report(lost.FaultOf(parsed is null || VfleetCommand.IsLook(parsed)), format);
        Fault fault = new(FaultKind.Internal, $"a defect of vfleet: {OneLine(e.Message)}")
        {
            Cause = e.GetType().Name,
            Remedy = isVerbose ? "please report it with the trace below" : "please report it with the output of the same command with --verbose",
        };
        int code = Report(fault, format);
        if (isVerbose)
            Console.Error.WriteLine(e.ToString());
        return code;
    }

    internal static string Line(Fault fault)
    {
        string text = $"vfleet: {OneLine(fault.Error)}";
        if (fault.Cause is { } cause && !fault.Error.Contains(cause, StringComparison.Ordinal))
            text += $": {OneLine(cause)}";
        return fault.Remedy is { } remedy ? $"{text}; {OneLine(remedy)}" : text;
    }

    internal static string Json(Fault fault)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("error", fault.Error);
            writer.WriteString("cause", fault.Cause);
            writer.WriteString("remedy", fault.Remedy);
            writer.WriteString("operation", fault.Operation);
            writer.WriteString("target", fault.Target);
            if (fault.Errno is { } errno)
                writer.WriteString("errno", errno.ToString());
            else
                writer.WriteNull("errno");
            writer.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static string OneLine(string text) =>
        PlainText.Of(string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
}
