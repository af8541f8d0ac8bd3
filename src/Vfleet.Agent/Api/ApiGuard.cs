using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Vfleet.Agent.Log;
using Vfleet.Agent.Sockets;
using Vfleet.Linux.Sockets;

namespace Vfleet.Agent.Api;

/// <summary>Stands before every operation: who may, for how long, and what becomes of a fault or a defect.</summary>
/// <param name="rule">Who may do what.</param>
/// <param name="log">Where refused calls are told.</param>
/// <param name="longest">How long an operation may take; a stream of events has no limit.</param>
internal sealed class ApiGuard(AccessRule rule, AgentLog log, TimeSpan longest)
{
    public async Task RunAsync(HttpContext context, ApiRoute route)
    {
        if (Refusal(context, route.Needs) is { } refused)
        {
            await AnswerAsync(context, refused).ConfigureAwait(false);
            return;
        }
        CancellationToken gone = context.RequestAborted;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(gone);
        if (route.Answer is not null)
            end.CancelAfter(longest);
        context.RequestAborted = end.Token;
        Fault? fault = await TryAsync(context, route, gone).ConfigureAwait(false);
        context.RequestAborted = gone;
        if (fault is not null && !context.Response.HasStarted)
            await AnswerAsync(context, fault).ConfigureAwait(false);
    }

    /// <summary>A path or method that is not there.</summary>
    public Task NothingAsync(HttpContext context) => AnswerAsync(
        context,
        Refusal(context, Access.Read)
            ?? Fault.NotFound($"the API has no {context.Request.Method} {context.Request.Path}", "see docs/agent-api.json"));

    /// <summary>The status a fault is answered with.</summary>
    internal static int StatusOf(FaultKind kind) => kind switch
    {
        FaultKind.Usage => StatusCodes.Status400BadRequest,
        FaultKind.NotFound => StatusCodes.Status404NotFound,
        FaultKind.Refused => StatusCodes.Status409Conflict,
        // Whoever is behind the agent, the kernel or a driver, said no.
        FaultKind.Kernel => StatusCodes.Status502BadGateway,
        FaultKind.NotPermitted => StatusCodes.Status403Forbidden,
        FaultKind.TimedOut => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    private async Task<Fault?> TryAsync(HttpContext context, ApiRoute route, CancellationToken gone)
    {
        try
        {
            return await route.Run(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The caller went away; there is nobody to answer.
            return null;
        }
        catch (OperationCanceledException)
        {
            return Fault.TimedOut($"{route.Method} {route.Path} was given up", "it took too long, or the agent ends", "try again");
        }
        catch (BadHttpRequestException e)
        {
            // The web server's only way to say that a body is too long or comes too slowly.
            return Fault.Usage(e.Message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The last resort: a defect of ours ends one call, not the agent.
            Fault defect = new(FaultKind.Internal, $"a defect of vfleet: {e.Message}") { Cause = e.GetType().Name,
                Remedy = "please report it" };
            log.Error("call failed", defect, ("call", $"{route.Method} {route.Path}"));
            return defect;
        }
    }

    private Fault? Refusal(HttpContext context, Access needs)
    {
        string call = $"{context.Request.Method} {context.Request.Path}";
        if (!(context.Features.Get<Peer>()?.Identity ?? Unknown).Try(out PeerIdentity? peer, out Fault? fault))
        {
            log.Error("call refused", fault, ("call", call));
            return fault with { Kind = FaultKind.NotPermitted };
        }
        Access has = rule.Of(peer);
        if (has >= needs)
            return null;
        log.Warn("call refused", ("call", call), ("user", peer.User), ("group", peer.Group), ("process", peer.Process), ("may", has));
        return new Fault(FaultKind.NotPermitted, $"user {peer.User} may not {call}")
        {
            Cause = needs == Access.Change ? "only root may change something through the agent"
                : $"only root and members of group {AccessRule.GroupName} may read",
            Remedy = "run as root",
            Operation = call,
        };
    }

    private static readonly Outcome<PeerIdentity> Unknown = new Fault(FaultKind.NotPermitted, "it is not known who calls");

    private static async Task AnswerAsync(HttpContext context, Fault fault)
    {
        context.Response.StatusCode = StatusOf(fault.Kind);
        context.Response.ContentType = "application/problem+json";
        await JsonSerializer.SerializeAsync(context.Response.Body, Reports.Of(fault), AgentJson.Default.Problem,
            CancellationToken.None).ConfigureAwait(false);
    }
}
