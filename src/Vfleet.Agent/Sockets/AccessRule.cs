using Vfleet.Linux.Sockets;

namespace Vfleet.Agent.Sockets;

/// <summary>What a caller may do.</summary>
public enum Access
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Read.</summary>
    Read,

    /// <summary>Read and change.</summary>
    Change,
}

/// <summary>Who may do what with the agent: root may change, group <c>vfleet</c> may read, others are refused.</summary>
/// <param name="OwnUser">The user the agent runs as, who can do by himself whatever the agent does for him.</param>
/// <param name="Readers">The group that may read; null where there is none.</param>
public sealed record AccessRule(uint OwnUser, uint? Readers)
{
    /// <summary>Name of the group that may read.</summary>
    public const string GroupName = "vfleet";

    private const uint Root = 0;

    /// <summary>What a peer may do.</summary>
    public Access Of(PeerIdentity peer)
    {
        if (peer.User == Root || peer.User == OwnUser)
            return Access.Change;
        return Readers is { } group && peer.IsIn(group) ? Access.Read : Access.None;
    }
}
