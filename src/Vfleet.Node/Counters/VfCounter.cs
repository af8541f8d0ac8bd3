namespace Vfleet.Node.Counters;

/// <summary>What is counted of a VF, as its workload sees it: received is what the VF received.</summary>
public enum VfCounter
{
    /// <summary>Bytes received.</summary>
    ReceiveBytes,

    /// <summary>Bytes sent.</summary>
    TransmitBytes,

    /// <summary>Packets received.</summary>
    ReceivePackets,

    /// <summary>Packets sent.</summary>
    TransmitPackets,

    /// <summary>Packets that came and were dropped.</summary>
    ReceiveDropped,

    /// <summary>Packets that were to be sent and were dropped.</summary>
    TransmitDropped,

    /// <summary>Broadcasts received.</summary>
    ReceiveBroadcast,

    /// <summary>Multicasts received.</summary>
    ReceiveMulticast,

    /// <summary>Packets received with an error.</summary>
    ReceiveErrors,

    /// <summary>Packets that could not be sent for an error.</summary>
    TransmitErrors,
}
