using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Vfleet.Agent.Log;
using Vfleet.Agent.Sockets;
using Vfleet.Linux.Sockets;

namespace Vfleet.Agent.Api;

/// <summary>Serves the API on the agent's socket. Every call is checked against who the kernel says is at the other end.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
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
        WebApplication app = SocketServer.Create(listener, new UnixDomainSocketEndPoint(path), limits, socket => new Peer(peer(socket)));
        ApiGuard guard = new(rule, log, limits.CallTime);
        foreach (ApiRoute route in routes)
            app.MapMethods(route.Path, [route.Method], context => guard.RunAsync(context, route));
        app.MapFallback(context => guard.NothingAsync(context));
        await app.StartAsync().ConfigureAwait(false);
        return new ApiServer(app);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => SocketServer.EndAsync(_app);
}

/// <summary>Who is at the other end of a connection.</summary>
/// <param name="Identity">The kernel's word.</param>
internal sealed record Peer(Outcome<PeerIdentity> Identity);
