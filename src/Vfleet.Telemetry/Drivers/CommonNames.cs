namespace Vfleet.Telemetry.Drivers;

/// <summary>What maps translate vendors' names to.</summary>
internal static class CommonNames
{
    /// <summary>Why packets were lost or damaged on their way in or out.</summary>
    public static readonly IReadOnlyList<string> Causes =
    [
        "aborted", "alignment", "allocation", "busy", "carrier", "checksum", "collision", "congestion", "crc", "fifo", "filtered", "fragment", "frame",
        "heartbeat", "jabber", "length", "link_down", "missed", "no_buffer", "no_handler", "other_host", "over", "oversize", "restart", "ring_full",
        "symbol", "timeout", "undersize", "unknown_protocol", "window",
    ];

    /// <summary>Errors of the device itself.</summary>
    public static readonly IReadOnlyList<string> Hardware =
    [
        "dma_out_of_sync", "illegal_bytes", "link_down", "local_fault", "mailbox_overflow", "malicious_driver", "module_shorted", "parity",
        "remote_fault", "time_stamp_timeout", "work_queue",
    ];

    /// <summary>What is counted of each queue.</summary>
    public static readonly IReadOnlyList<string> Queues =
        ["receive_packets", "receive_bytes", "receive_dropped", "transmit_packets", "transmit_bytes", "transmit_dropped"];
}
