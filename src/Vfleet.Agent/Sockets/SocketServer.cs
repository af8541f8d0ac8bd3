using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vfleet.Agent.Api;

namespace Vfleet.Agent.Sockets;

/// <summary>A web server on a socket that is bound already.</summary>
internal static class SocketServer
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    /// <summary>Makes one; it listens when it is started.</summary>
    /// <param name="listener">The socket, bound.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="limits">What one caller may take; the time of a call is the caller's of this.</param>
    /// <param name="connected">What each connection carries along, such as who is at its other end.</param>
    /// <param name="tls">What a connection that begins is shown; null for no TLS.</param>
    public static WebApplication Create<T>(
        Socket listener, EndPoint place, ApiLimits limits, Func<Socket, T> connected, Func<SslServerAuthenticationOptions>? tls = null)
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
            kestrel.Listen(place, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (tls is not null)
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(tls()), HandshakeTimeout = limits.HeadersTime });
                listen.Use(next => connection =>
                {
                    if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
                        connection.Features.Set(connected(socket));
                    return next(connection);
                });
            });
        });
        return builder.Build();
    }

    /// <summary>Ends one; calls that are being answered get a few seconds.</summary>
    public static async ValueTask EndAsync(WebApplication app)
    {
        using CancellationTokenSource late = new(LongestStop);
        await app.StopAsync(late.Token).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
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

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
