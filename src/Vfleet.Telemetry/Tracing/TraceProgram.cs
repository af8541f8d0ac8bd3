using System.Globalization;
using System.Text;

namespace Vfleet.Telemetry.Tracing;

/// <summary>
/// A program for bpftrace that traces one VF. Its text is ours: what changes from VF to VF in it are numbers. Packets are told by their
/// device's index and the inode of its namespace, interrupts by their numbers.
/// </summary>
/// <param name="Text">The program.</param>
/// <param name="Missing">What this kernel or VF lacks, and what is left out for it.</param>
public sealed record TraceProgram(string Text, IReadOnlyList<string> Missing)
{
    /// <summary>Printed once every probe is attached: bpftrace passes nothing on before that.</summary>
    public const string Ready = "ready";

    /// <summary>Every driver's NAPI poll goes through it (net/core/dev.c).</summary>
    public const string PollFunction = "__napi_poll";

    // Names of maps; what a result calls its parts.
    internal const string InterruptToPoll = "interrupt_to_poll", Poll = "poll", PollToStack = "poll_to_stack";
    internal const string SoftirqToSocket = "softirq_to_socket", Between = "between", Handler = "handler";
    internal const string Drops = "drops", Interrupts = "interrupts", Stacks = "stacks", Sum = "_ns";

    private const string Entry = "irq:irq_handler_entry", Exit = "irq:irq_handler_exit", Receive = "net:netif_receive_skb";
    private const string Copy = "skb:skb_copy_datagram_iovec", Drop = "skb:kfree_skb", Consume = "skb:consume_skb";
    private const int StackDepth = 32;

    /// <summary>The trace points that programs use.</summary>
    public static IReadOnlyList<string> Points { get; } = [Entry, Exit, Receive, Copy, Drop, Consume];

    /// <summary>Writes one.</summary>
    /// <param name="kind">What to trace.</param>
    /// <param name="target">The VF.</param>
    /// <param name="kernel">What the kernel has.</param>
    /// <param name="countsStacks">Kernel stacks are counted too; drops always have them.</param>
    /// <returns>Refused where nothing of it can be traced, with what is missing.</returns>
    public static Outcome<TraceProgram> Of(TraceKind kind, TraceTarget target, TraceKernel kernel, bool countsStacks)
    {
        Writer writer = new(target, kernel, countsStacks);
        bool isAny = kind switch
        {
            TraceKind.Latency => writer.Latency(),
            TraceKind.Drops => writer.AllDrops(),
            _ => writer.AllInterrupts(),
        };
        return isAny
            ? new TraceProgram(writer.Finish(), writer.Missing)
            : Fault.Refused($"{kind.ToString().ToLowerInvariant()} cannot be traced here", string.Join("; ", writer.Missing));
    }

    private sealed class Writer(TraceTarget target, TraceKernel kernel, bool countsStacks)
    {
        private readonly StringBuilder _text = new();
        private readonly List<string> _cleared = [];

        public List<string> Missing { get; } = [];

        private bool HasVectors => target.Vectors.Count > 0;

        private string Mine => string.Create(CultureInfo.InvariantCulture,
            $"$dev->ifindex == {target.InterfaceIndex} && $dev->nd_net.net->ns.inum == {target.NamespaceInode}");

        public bool Latency()
        {
            bool canPoll = CanPoll("the times from interrupt to poll, in the poll, and from poll to stack are left out");
            bool canInterrupt = canPoll && HasPoint(Entry, "the time from interrupt to poll is left out") && NeedVectors();
            bool canReceive = HasDevice() && HasPoint(Receive, "the times from poll to stack and from softirq to socket are left out");
            bool canCopy = canReceive && HasPoint(Copy, "the time from softirq to socket is left out");
            if (canInterrupt)
                Line($"tracepoint:{Entry} /@vector[args->irq]/ {{ @irq[cpu] = nsecs; }}", "irq");
            if (canPoll)
            {
                string since = canInterrupt
                    ? $"$at = @irq[cpu]; if ($at > 0) {{ $d = nsecs - $at; {Note(InterruptToPoll)} delete(@irq[cpu]); }}"
                    : "";
                Line($"kprobe:{PollFunction} {{ $napi = (struct napi_struct *)arg0; $dev = $napi->dev; if ({Mine}) "
                    + $"{{ @begun[cpu] = nsecs; {since} {Stack()} }} }}", "begun");
                Line($"kretprobe:{PollFunction} {{ $at = @begun[cpu]; if ($at > 0) {{ $d = nsecs - $at; {Note(Poll)} delete(@begun[cpu]); }} }}");
            }
            if (canReceive && (canPoll || canCopy))
                Line($"tracepoint:{Receive} {{ $skb = (struct sk_buff *)args->skbaddr; $dev = $skb->dev; if ({Mine}) {{ "
                    + (canPoll ? $"$at = @begun[cpu]; if ($at > 0) {{ $d = nsecs - $at; {Note(PollToStack)} }} " : "")
                    + (canCopy ? "@came[args->skbaddr] = nsecs; " : "") + "} }", canCopy ? "came" : null);
            if (canCopy)
                Copied();
            return canPoll || canCopy;
        }

        public bool AllDrops()
        {
            if (!HasDevice() || !HasPoint(Drop, "drops cannot be seen"))
                return false;
            string reason = "args->reason";
            if (kernel.DropReasons.Count == 0)
            {
                Missing.Add("this kernel tells no reasons for drops (Linux 5.17 does): they are counted by kernel stack alone");
                reason = "0";
            }
            // What reached a socket has no device any more: its way in and the socket's namespace tell.
            string further = kernel.TellsDropSocket
                ? string.Create(CultureInfo.InvariantCulture,
                    $" || ($skb->skb_iif == {target.InterfaceIndex} && $sock->__sk_common.skc_net.net->ns.inum == {target.NamespaceInode})")
                : "";
            if (further.Length == 0)
                Missing.Add("this kernel does not tell a drop's socket (Linux 6.11 does): drops within TCP are left out");
            string socket = further.Length > 0 ? "$sock = (struct sock *)args->rx_sk; " : "";
            Line($"tracepoint:{Drop} {{ $skb = (struct sk_buff *)args->skbaddr; $dev = $skb->dev; {socket}"
                + $"if (({Mine}){further}) {{ @{Drops}[{reason}, kstack({StackDepth})] = count(); }} }}");
            return true;
        }

        public bool AllInterrupts()
        {
            if (!HasPoint(Entry, "interrupts cannot be seen") || !NeedVectors())
                return false;
            bool canPoll = CanPoll("the time from interrupt to poll is left out");
            bool canLeave = HasPoint(Exit, "the time in the handler is left out");
            Line($"tracepoint:{Entry} /@vector[args->irq]/ {{ $now = nsecs; @{Interrupts}[args->irq] = count(); "
                + $"$at = @last[args->irq]; if ($at > 0) {{ $d = $now - $at; {Note(Between, "args->irq")} }} @last[args->irq] = $now; "
                + (canLeave ? "@entered[args->irq] = $now; " : "") + (canPoll ? "@irq[cpu] = $now; @which[cpu] = args->irq; " : "")
                + $"{Stack()} }}", "last");
            if (canLeave)
                Line($"tracepoint:{Exit} /@vector[args->irq]/ {{ $at = @entered[args->irq]; if ($at > 0) "
                    + $"{{ $d = nsecs - $at; {Note(Handler, "args->irq")} delete(@entered[args->irq]); }} }}", "entered");
            if (canPoll)
                Line($"kprobe:{PollFunction} {{ $napi = (struct napi_struct *)arg0; $dev = $napi->dev; $at = @irq[cpu]; "
                    + $"if ($at > 0 && {Mine}) {{ $d = nsecs - $at; {Note(InterruptToPoll, "@which[cpu]")} delete(@irq[cpu]); }} }}", "irq", "which");
            return true;
        }

        /// <summary>The whole text: what is known before, the probes, and what must not be printed at the end.</summary>
        public string Finish()
        {
            StringBuilder whole = new("BEGIN {");
            foreach (int vector in target.Vectors)
                whole.Append(CultureInfo.InvariantCulture, $" @vector[{vector}] = 1;");
            whole.Append(CultureInfo.InvariantCulture, $" printf(\"{Ready}\\n\"); }}\n").Append(_text).Append("END {");
            if (HasVectors)
                _cleared.Add("vector");
            foreach (string map in _cleared)
                whole.Append(CultureInfo.InvariantCulture, $" clear(@{map});");
            return whole.Append(" }\n").ToString();
        }

        /// <summary>Packets that reach a socket's reader; those that end otherwise are forgotten.</summary>
        private void Copied()
        {
            Line($"tracepoint:{Copy} {{ $at = @came[args->skbaddr]; if ($at > 0) {{ $d = nsecs - $at; {Note(SoftirqToSocket)} "
                + "delete(@came[args->skbaddr]); } }");
            foreach (string end in new[] { Drop, Consume }.Where(kernel.Points.Contains))
                Line($"tracepoint:{end} {{ delete(@came[args->skbaddr]); }}");
        }

        private void Line(string text, params ReadOnlySpan<string?> cleared)
        {
            _text.Append(text).Append('\n');
            foreach (string? map in cleared)
            {
                if (map is not null)
                    _cleared.Add(map);
            }
        }

        /// <summary>Adds <c>$d</c> nanoseconds to a histogram and its sum.</summary>
        private static string Note(string name, string? key = null) => key is null
            ? $"@{name} = hist($d); @{name}{Sum} = sum($d);"
            : $"@{name}[{key}] = hist($d); @{name}{Sum}[{key}] = sum($d);";

        private string Stack() => countsStacks ? $"@{Stacks}[kstack({StackDepth})] = count();" : "";

        private bool HasPoint(string name, string without)
        {
            bool isThere = kernel.Points.Contains(name);
            if (!isThere)
                Missing.Add($"this kernel has no {name}: {without}");
            return isThere;
        }

        private bool CanPoll(string without)
        {
            if (!kernel.HasPoll)
                Missing.Add($"this kernel has no kprobe of {PollFunction}: {without}");
            return kernel.HasPoll && HasDevice();
        }

        private bool HasDevice()
        {
            string? lack = !kernel.HasTypes ? "this kernel does not tell its types (BTF): packets are left out"
                : !target.HasInterface ? "the VF has no interface on this machine: packets are left out"
                : null;
            if (lack is not null && !Missing.Contains(lack))
                Missing.Add(lack);
            return lack is null;
        }

        private bool NeedVectors()
        {
            if (!HasVectors)
                Missing.Add("the VF has no interrupts of its own: they are left out");
            return HasVectors;
        }
    }
}
