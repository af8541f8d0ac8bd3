using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Vfleet.Agent.Sockets;

namespace Vfleet.Agent.Api;

/// <summary>One operation of the API. Server and OpenAPI document are made from the same list of these.</summary>
internal sealed record ApiRoute
{
    public required string Method { get; init; }

    public required string Path { get; init; }

    public required string Summary { get; init; }

    /// <summary>Parameters of the query, each with what it means.</summary>
    public IReadOnlyList<(string Name, string Meaning)> Query { get; init; } = [];

    public JsonTypeInfo? Body { get; init; }

    /// <summary>What it answers; null for a stream of events.</summary>
    public JsonTypeInfo? Answer { get; init; }

    public required Func<HttpContext, Task<Fault?>> Run { get; init; }

    /// <summary>Reading is for readers; everything else changes something.</summary>
    public Access Needs => Method == HttpMethods.Get ? Access.Read : Access.Change;

    /// <summary>An operation that answers one value.</summary>
    public static ApiRoute Of<T>(string method, string path, string summary, JsonTypeInfo<T> answer, Func<ApiCall,
        Task<Outcome<T>>> work) => new()
    {
        Method = method,
        Path = path,
        Summary = summary,
        Answer = answer,
        Run = async context =>
        {
            if (!(await work(new ApiCall(context)).ConfigureAwait(false)).Try(out T? value, out Fault? fault))
                return fault;
            context.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(context.Response.Body, value, answer, context.RequestAborted).ConfigureAwait(false);
            return null;
        },
    };
}
