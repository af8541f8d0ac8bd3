using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vfleet.Agent.Log;
using Vfleet.Agent.Sockets;
using Vfleet.Linux.Sockets;

namespace Vfleet.Agent.Api;

/// <summary>Serves the API on the agent's socket. Every call is checked against who the kernel says is at the other end.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);
    private readonly WebApplication _app;

    private ApiServer(WebApplication app) => _app = app;

    /// <summary>Starts to serve.</summary>
    /// <param name="listener">The socket, bound.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="routes">What is served.</param>
    /// <param name="rule">Who may do what.</param>
    /// <param name="peer">Tells who is at the other end; the kernel, but for tests that play somebody else.</param>
    /// <param name="limits">What one caller may take.</param>
    /// <param name="log">Where refused calls are told.</param>
    public static async Task<ApiServer> StartAsync(
        Socket listener, string path, IReadOnlyList<ApiRoute> routes, AccessRule rule,
        Func<Socket, Outcome<PeerIdentity>> peer, ApiLimits limits, AgentLog log)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        // Signals are the agent's, not the web server's.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = _ => listener);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Limit(kestrel.Limits, limits);
            kestrel.ListenUnixSocket(path, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection =>
                {
                    if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
                        connection.Features.Set(new Peer(peer(socket)));
                    return next(connection);
                });
            });
        });
        WebApplication app = builder.Build();
        ApiGuard guard = new(rule, log, limits.CallTime);
        foreach (ApiRoute route in routes)
            app.MapMethods(route.Path, [route.Method], context => guard.RunAsync(context, route));
        app.MapFallback(context => guard.NothingAsync(context));
        await app.StartAsync().ConfigureAwait(false);
        return new ApiServer(app);
    }

    private static void Limit(KestrelServerLimits server, ApiLimits limits)
    {
        server.MaxConcurrentConnections = limits.MostConnections;
        server.MaxRequestBodySize = limits.LongestBody;
        server.MaxRequestHeadersTotalSize = limits.LongestHeaders;
        server.MaxRequestLineSize = limits.LongestLine;
        server.RequestHeadersTimeout = limits.HeadersTime;
        server.KeepAliveTimeout = limits.IdleTime;
        server.MinRequestBodyDataRate = new MinDataRate(limits.SlowestRate, limits.StallTime);
        server.MinResponseDataRate = new MinDataRate(limits.SlowestRate, limits.StallTime);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource late = new(LongestStop);
        await _app.StopAsync(late.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Who is at the other end of a connection.</summary>
/// <param name="Identity">The kernel's word.</param>
internal sealed record Peer(Outcome<PeerIdentity> Identity);
