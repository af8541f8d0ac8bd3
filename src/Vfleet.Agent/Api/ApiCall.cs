using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Vfleet.Agent.Api;

/// <summary>One call of the API: its words and its body, checked.</summary>
/// <param name="context">The call.</param>
internal sealed class ApiCall(HttpContext context)
{
    /// <summary>Cancelled when the caller goes away.</summary>
    public CancellationToken Cancel => context.RequestAborted;

    /// <summary>A part of the path; it may hold an encoded slash, as in <c>eth0%2F3</c>.</summary>
    public string Word(string name) => Uri.UnescapeDataString((string)context.Request.RouteValues[name]!);

    /// <summary>A word of the query; null where it is missing or empty.</summary>
    public string? Query(string name) => context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    /// <summary>A number of the query; null where it is missing.</summary>
    public Outcome<long?> Number(string name)
    {
        if (Query(name) is not { } text)
            return Outcome<long?>.Of(null);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : Fault.Usage($"{name}={text} is no number", "write digits, such as 17");
    }

    /// <summary>The body as JSON.</summary>
    /// <param name="type">What it has to be.</param>
    /// <param name="isOptional">No body means an empty object.</param>
    public async Task<Outcome<T>> BodyAsync<T>(JsonTypeInfo<T> type, bool isOptional = false)
        where T : class
    {
        try
        {
            if (isOptional && context.Request.ContentLength is null or 0 && context.Request.Headers.TransferEncoding.Count == 0)
                return JsonSerializer.Deserialize("{}", type)!;
            T? body = await JsonSerializer.DeserializeAsync(context.Request.Body, type, Cancel).ConfigureAwait(false);
            return body is null ? Fault.Usage("the body is null instead of an object") : body;
        }
        catch (JsonException e)
        {
            // The parser's only way to refuse.
            return Fault.Usage($"the body is not what it should be: {e.Message}", "see docs/agent-api.json");
        }
    }
}
