using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Vfleet.Agent.Api;
using Vfleet.Agent.Log;
using Vfleet.Agent.Sockets;
using Vfleet.Telemetry.Exposition;
using Vfleet.Telemetry.Scrape;

namespace Vfleet.Agent.Metrics;

/// <summary>Serves metrics to Prometheus: <c>GET /metrics</c> and nothing else, to whoever may connect to the address.</summary>
internal sealed class MetricsServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MetricsServer(WebApplication app, EndPoint address) => (_app, Address) = (app, address);

    /// <summary>Where it serves; its port is the one it got.</summary>
    public EndPoint Address { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="address">Where.</param>
    /// <param name="scrape">What is answered.</param>
    /// <param name="guard">What callers have to bring, and are shown.</param>
    /// <param name="limits">What one caller may take.</param>
    /// <param name="log">Where readings that failed are told.</param>
    public static async Task<Outcome<MetricsServer>> StartAsync(
        IPEndPoint address, SharedScrape scrape, MetricsGuard guard, ApiLimits limits, AgentLog log)
    {
        if (!MetricsAddress.Bind(address).Try(out Socket? listener, out Fault? fault))
            return fault;
        WebApplication app = SocketServer.Create(listener, listener.LocalEndPoint!, limits, socket => socket.RemoteEndPoint,
            guard.Certificate is { } certificate ? certificate.Options : null);
        app.MapFallback("{**path}", context => guard.Token?.Takes(context.Request.Headers.Authorization) == false
            ? RefuseAsync(context, log)
            : AnswerAsync(context, scrape, limits.CallTime, log));
        EndPoint bound = listener.LocalEndPoint!;
        await app.StartAsync().ConfigureAwait(false);
        return new MetricsServer(app, bound);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => SocketServer.EndAsync(_app);

    /// <summary>The challenge of RFC 6750, section 3.</summary>
    private static Task RefuseAsync(HttpContext context, AgentLog log)
    {
        bool isTried = context.Request.Headers.Authorization.Count > 0;
        // Whoever probes tries tokens; whoever forgot his is told by his own log.
        if (isTried)
            log.Warn("metrics refused: the token is wrong", ("from", context.Connection.RemoteIpAddress));
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = isTried ? "Bearer realm=\"vfleet metrics\", error=\"invalid_token\"" : "Bearer realm=\"vfleet metrics\"";
        return TextAsync(context, "metrics are for those who send the token\n");
    }

    private static async Task AnswerAsync(HttpContext context, SharedScrape scrape, TimeSpan longest, AgentLog log)
    {
        bool isGet = HttpMethods.IsGet(context.Request.Method);
        if (context.Request.Path != "/metrics" || !(isGet || HttpMethods.IsHead(context.Request.Method)))
        {
            context.Response.StatusCode =
                context.Request.Path != "/metrics" ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed;
            await TextAsync(context, "metrics are at GET /metrics\n").ConfigureAwait(false);
            return;
        }
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        end.CancelAfter(longest);
        try
        {
            ExpositionFormat format = ExpositionFormats.Choose(context.Request.Headers.Accept);
            if (!(await scrape.TakeAsync(format, end.Token).ConfigureAwait(false)).Try(out byte[]? text, out Fault? fault))
            {
                log.Error("metrics were not read", fault);
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await TextAsync(context, $"{fault.Error}\n").ConfigureAwait(false);
                return;
            }
            context.Response.ContentType = format.ContentType();
            context.Response.ContentLength = text.Length;
            if (isGet)
                await context.Response.Body.WriteAsync(text, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away, or stopped reading and was ended; there is nobody to answer.
        }
        catch (OperationCanceledException)
        {
            log.Error("metrics were not read", Fault.TimedOut($"metrics were not read within {longest.TotalSeconds:0} s",
                "a driver is stuck, or the client reads too slowly", "look at dmesg, and at `vfleet status`"));
            if (!context.Response.HasStarted)
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The last resort: a defect of ours ends one call, not the agent.
            Fault defect = new(FaultKind.Internal, $"a defect of vfleet: {e.Message}") { Cause = e.GetType().Name };
            log.Error("metrics were not read", defect);
            if (!context.Response.HasStarted)
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private static Task TextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
