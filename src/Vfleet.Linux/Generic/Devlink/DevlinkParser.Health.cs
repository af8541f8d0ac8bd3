using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Devlink;

/// <content>Health reporters and what they tell.</content>
internal sealed partial class DevlinkParser
{
    /// <summary>DEVLINK_CMD_HEALTH_REPORTER_GET. Source: net/devlink/health.c devlink_nl_health_reporter_fill.</summary>
    public HealthReporter? Reporter(in NetlinkMessage message)
    {
        if (!TryBegin(message, DevlinkCommand.HealthReporterGet, out AttributeReader reader))
            return null;
        HandleFields handle = default;
        ReporterFields fields = default;
        uint? port = null;
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case DevlinkAttribute.PortIndex: port = reader.AsUInt32(); break;
                case DevlinkAttribute.HealthReporter: Read(reader.AsNested(), ref fields); break;
                default: Take(ref reader, ref handle); break;
            }
        }
        if (!TryEnd(reader, handle, out DevlinkHandle found) || fields.Malformed || fields.Name is null)
            return null;
        return new HealthReporter
        {
            Device = found,
            Port = port,
            Name = fields.Name,
            Healthy = fields.State == 0,
            Errors = fields.Errors,
            Recoveries = fields.Recoveries,
            GracePeriodMilliseconds = fields.GracePeriod,
            AutoRecover = fields.AutoRecover,
            AutoDump = fields.AutoDump,
        };
    }

    /// <summary>
    /// DEVLINK_CMD_HEALTH_REPORTER_DIAGNOSE and _DUMP_GET: a part of a text tree, which may be cut anywhere between two of its
    /// items. Source: net/devlink/health.c devlink_fmsg_prepare_skb.
    /// </summary>
    public static FormattedMessagePart? Formatted(in NetlinkMessage message)
    {
        if (!GenericMessage.TryRead(message, out byte command, out AttributeReader reader)
            || command is not (DevlinkCommand.HealthReporterDiagnose or DevlinkCommand.HealthReporterDumpGet))
            return null;
        FormattedMessagePart part = new();
        while (reader.Read())
        {
            if (reader.Type == DevlinkAttribute.Fmsg)
                part.Read(reader.AsNested());
        }
        return part;
    }

    private static void Read(AttributeReader reader, ref ReporterFields fields)
    {
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case DevlinkAttribute.HealthReporterName: fields.Name = reader.AsText(); break;
                case DevlinkAttribute.HealthReporterState: fields.State = reader.AsByte(); break;
                case DevlinkAttribute.HealthReporterErrorCount: fields.Errors = reader.AsUInt64(); break;
                case DevlinkAttribute.HealthReporterRecoverCount: fields.Recoveries = reader.AsUInt64(); break;
                case DevlinkAttribute.HealthReporterGracefulPeriod: fields.GracePeriod = reader.AsUInt64(); break;
                case DevlinkAttribute.HealthReporterAutoRecover: fields.AutoRecover = reader.AsByte() != 0; break;
                case DevlinkAttribute.HealthReporterAutoDump: fields.AutoDump = reader.AsByte() != 0; break;
            }
        }
        fields.Malformed |= reader.Malformed;
    }

    private struct ReporterFields
    {
        public string? Name;
        public byte State;
        public ulong Errors;
        public ulong Recoveries;
        public ulong? GracePeriod;
        public bool? AutoRecover;
        public bool? AutoDump;
        public bool Malformed;
    }
}
