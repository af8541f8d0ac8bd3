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
    /// <summary>Connections at once; further ones are closed.</summary>
    public const int MostConnections = 64;

    /// <summary>Longest body of a request, bytes.</summary>
    public const int LongestBody = 64 * 1024;

    private static readonly TimeSpan LongestCall = TimeSpan.FromMinutes(5), LongestStop = TimeSpan.FromSeconds(5);
    private readonly WebApplication _app;

    private ApiServer(WebApplication app) => _app = app;

    /// <summary>Starts to serve.</summary>
    /// <param name="listener">The socket, bound.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="routes">What is served.</param>
    /// <param name="rule">Who may do what.</param>
    /// <param name="peer">Tells who is at the other end; the kernel, but for tests that play somebody else.</param>
    /// <param name="log">Where refused calls are told.</param>
    public static async Task<ApiServer> StartAsync(
        Socket listener, string path, IReadOnlyList<ApiRoute> routes, AccessRule rule,
        Func<Socket, Outcome<PeerIdentity>> peer, AgentLog log)
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
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = LongestBody;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
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
        ApiGuard guard = new(rule, log, LongestCall);
        foreach (ApiRoute route in routes)
            app.MapMethods(route.Path, [route.Method], context => guard.RunAsync(context, route));
        app.MapFallback(context => guard.NothingAsync(context));
        await app.StartAsync().ConfigureAwait(false);
        return new ApiServer(app);
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
