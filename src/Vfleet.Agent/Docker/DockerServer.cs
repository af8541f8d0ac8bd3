using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Vfleet.Agent.Api;
using Vfleet.Agent.Log;
using Vfleet.Agent.Sockets;
using Vfleet.Containers.Docker;
using Vfleet.Host;
using Vfleet.Linux.Sockets;
using Vfleet.Node;
using Vfleet.Node.Ledger;

namespace Vfleet.Agent.Docker;

/// <summary>Serves Docker's network driver on a socket that is its owner's alone.</summary>
public sealed class DockerServer : IAsyncDisposable
{
    /// <summary>Where dockerd looks for a driver <c>vfleet</c>.</summary>
    public const string DefaultPath = "/run/docker/plugins/vfleet.sock";

    private const string Option = "--docker";
    private readonly string _path;
    private readonly AgentLock _lock;
    private readonly LocalNode _node;
    private readonly WebApplication _app;

    private DockerServer(string path, AgentLock held, LocalNode node, WebApplication app) =>
        (_path, _lock, _node, _app) = (path, held, node, app);

    /// <summary>Starts to serve.</summary>
    /// <param name="socket">Its path; dockerd calls the driver as the file is called, without <c>.sock</c>.</param>
    /// <param name="engine">Asks dockerd.</param>
    /// <param name="kernel">The kernel of the machine.</param>
    /// <param name="host">Deadlines and the state directory.</param>
    /// <param name="agent">Who the agent is in the ledger, and its other front doors.</param>
    /// <param name="log">Its log.</param>
    public static async Task<Outcome<DockerServer>> StartAsync(
        string socket, DockerEngine engine, IKernel kernel, HostOptions host, AgentOptions agent, AgentLog log)
    {
        if (!AgentSocket.Prepare(socket, Option).Try(out string? path, out Fault? fault)
            || !AgentLock.Take($"{path}.lock", AgentLock.Who(Environment.ProcessId, path, host.Time.GetUtcNow()))
                .Try(out AgentLock? held, out fault))
            return fault;
        // A node of its own: what is done here is done by the front door docker. It does not ask dockerd whether containers live,
        // for dockerd waits for an answer; that is for the agent's passes.
        Actor actor = agent.Actor with { FrontDoor = DockerDoor.DoorName };
        if (!LocalNode.Open(kernel, host, actor, agent.Doors).Try(out LocalNode? node, out fault))
        {
            held.Dispose();
            return fault;
        }
        if (!AgentSocket.Bind(path, null, Option).Try(out Socket? listener, out fault))
        {
            node.Dispose();
            held.Dispose();
            return fault;
        }
        DockerDriver driver = new(node, engine, text => log.Info("docker", ("note", text)));
        DockerPlugin plugin = new(driver, new DockerIpam(node.Ledger), host.Time, text => log.Warn("docker", ("call", text)));
        ApiLimits limits = new() { LongestBody = DockerPlugin.LongestBody };
        WebApplication app = SocketServer.Create(listener, new UnixDomainSocketEndPoint(path), limits, PeerIdentity.Read);
        // The pattern that is the default leaves out what looks like a file, as all of these do.
        app.MapFallback("{**call}", context => AnswerAsync(context, plugin, log));
        DockerServer server = new(path, held, node, app);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
            return server;
        }
        catch
        {
            // Handed on: whoever starts it is told, and the next try finds neither socket nor lock.
            await server.DisposeAsync().ConfigureAwait(false);
            listener.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await SocketServer.EndAsync(_app).ConfigureAwait(false);
        File.Delete(_path);
        _node.Dispose();
        _lock.Dispose();
    }

    private static async Task AnswerAsync(HttpContext context, DockerPlugin plugin, AgentLog log)
    {
        PluginReply reply;
        try
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
            reply = await plugin.CallAsync(context.Request.Path, body.ToArray(), context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // dockerd went away; there is nobody to answer.
            return;
        }
        catch (BadHttpRequestException e)
        {
            // The web server's only way to say that a body is too long or comes too slowly.
            reply = new PluginReply(e.StatusCode, DockerPlugin.Error(Fault.Usage(e.Message)));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The last resort: a defect of ours ends one call, not the agent.
            Fault defect = new(FaultKind.Internal, $"a defect of vfleet: {e.Message}") { Cause = e.GetType().Name,
                Remedy = "please report it" };
            log.Error("call failed", defect, ("call", context.Request.Path));
            reply = new PluginReply(StatusCodes.Status500InternalServerError, DockerPlugin.Error(defect));
        }
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = DockerPlugin.ContentType;
        await context.Response.Body.WriteAsync(reply.Body, CancellationToken.None).ConfigureAwait(false);
    }
}
