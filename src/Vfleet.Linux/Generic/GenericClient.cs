using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic;

/// <summary>
/// Requests to one family of generic netlink. The family's number is asked for on first use and remembered.
/// Not safe for concurrent use.
/// </summary>
public sealed class GenericClient : IDisposable
{
    /// <summary>GENL_ID_CTRL: message type of the controller.</summary>
    public const ushort ControllerId = 16;

    private readonly NetlinkClient _client;
    private readonly NetlinkRequest _request = new();
    private readonly string _name;
    private readonly string _missingCause;
    private GenericFamily? _family;

    /// <summary>Takes over a client.</summary>
    /// <param name="client">A client on <see cref="NetlinkProtocol.Generic"/>.</param>
    /// <param name="family">The family's name.</param>
    /// <param name="missingCause">Why a kernel may lack the family, for the fault.</param>
    public GenericClient(NetlinkClient client, string family, string? missingCause = null)
    {
        _client = client;
        _name = family;
        _missingCause = missingCause ?? "the kernel was built without it, or the module that brings it is not loaded";
    }

    /// <summary>The family as this kernel has it. Equivalent to <c>genl ctrl get name NAME</c>.</summary>
    /// <returns>A fault of kind Kernel when this kernel lacks the family.</returns>
    public async ValueTask<Outcome<GenericFamily>> FamilyAsync(CancellationToken cancel = default)
    {
        if (_family is not null)
            return _family;
        _request.Clear().Begin(ControllerId, NetlinkFlags.None)
            .Struct(new GenericHeader { Command = ControlCommand.GetFamily, Version = 2 })
            .Put(ControlAttribute.FamilyName, _name);
        _request.Operation = $"genl ctrl get name {_name}";
        _request.Target = _name;
        Outcome<GenericFamily> found = await _client.GetAsync(_request, GenericFamily.Parse, cancel).ConfigureAwait(false);
        if (found.Fault is { Errno: Errno.ENOENT } absent)
            return Missing(absent);
        _family = found.Or(null);
        return found;
    }

    /// <summary>Begins a request in the client's own buffer; what was written before is dropped.</summary>
    /// <param name="command">The command of the family.</param>
    /// <param name="flags">Flags beside NLM_F_REQUEST.</param>
    /// <param name="operation">The command it equals, for errors.</param>
    /// <param name="target">What it is about, for errors.</param>
    /// <param name="cancel">Ends the wait for the family's number.</param>
    public async ValueTask<Outcome<NetlinkRequest>> BeginAsync(
        byte command, NetlinkFlags flags, string operation, string target, CancellationToken cancel)
    {
        if (!(await FamilyAsync(cancel).ConfigureAwait(false)).Try(out GenericFamily? family, out Fault? fault))
            return fault with { Operation = operation, Target = target };
        _request.Clear().Begin(family.Id, flags).Struct(new GenericHeader { Command = command, Version = family.Version });
        _request.Operation = operation;
        _request.Target = target;
        return _request;
    }

    /// <summary>Sends a request that has no reply but the acknowledgement.</summary>
    public ValueTask<Outcome<Unit>> ExecuteAsync(NetlinkRequest request, CancellationToken cancel) =>
        _client.ExecuteAsync(request, cancel);

    /// <summary>Sends a request that has one reply.</summary>
    public ValueTask<Outcome<T>> GetAsync<T>(NetlinkRequest request, MessageParser<T> parse, CancellationToken cancel)
        where T : class => _client.GetAsync(request, parse, cancel);

    /// <summary>Sends a request that has a list of replies.</summary>
    public ValueTask<Outcome<List<T>>> DumpAsync<T>(NetlinkRequest request, MessageParser<T> parse, CancellationToken cancel)
        where T : class => _client.DumpAsync(request, parse, cancel);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private Fault Missing(Fault absent)
    {
        Fault missing = Fault.Unsupported($"this kernel has no generic netlink family '{_name}'", _missingCause,
            $"use a kernel with {_name} (genl ctrl list shows what this one has); what does not need {_name} works without it", _name);
        return missing with { Errno = absent.Errno };
    }
}
