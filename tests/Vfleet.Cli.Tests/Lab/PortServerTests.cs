using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vfleet.Cli.Lab.Guest;
using Vfleet.Cli.Lab.Wire;

namespace Vfleet.Cli.Tests.Lab;

/// <summary>The agent against a port in memory; the commands are real processes of this machine.</summary>
public sealed class PortServerTests : IDisposable
{
    private static readonly byte[] Nonce = Greeting.NewNonce();

    private readonly MemoryPort _port = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FrameDecoder _decoder = new();
    private readonly Thread _serving;
    private bool _poweredOff;

    public PortServerTests()
    {
        PortServer server = new(_port, () => _poweredOff = true);
        _serving = new Thread(() => server.Serve(_stop.Token)) { IsBackground = true };
        _serving.Start();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _port.Dispose();
        _serving.Join();
        _stop.Dispose();
    }

    [Fact]
    public void Unit_a_command_runs_with_its_streams_and_exit_code()
    {
        Greet();
        Start("sh", "-c", "cat; echo problem >&2; exit 3");
        Send(Frame.OfText(FrameType.Stdin, "in"), new Frame(FrameType.StdinEnd, default));

        List<Frame> frames = ReadUntil(FrameType.Exit);

        Assert.Equal("in", TextOf(frames, FrameType.Stdout));
        Assert.Equal("problem\n", TextOf(frames, FrameType.Stderr));
        Assert.Equal(2, frames.Single(frame => frame.Type == FrameType.StdinTaken).Number);
        Assert.Equal(3, frames[^1].Number);
    }

    [Fact]
    public void Unit_a_command_that_does_not_exist_ends_with_127()
    {
        Greet();
        Start("no-such-program-of-vfleet");

        Assert.Equal(127, ReadUntil(FrameType.Exit)[^1].Number);
    }

    [Fact]
    public void Unit_garbage_is_survived_and_the_next_command_runs()
    {
        Greet();
        _port.Send([0xFF, 0xFE, 1, 2, 3, 4, 5, 6, 7]);
        Greet();
        Start("echo", "again");

        Assert.Equal("again\n", TextOf(ReadUntil(FrameType.Exit), FrameType.Stdout));
    }

    [Fact]
    public void Unit_a_background_process_does_not_hold_the_command_up()
    {
        Greet();
        Start("sh", "-c", "sleep 300 & echo $!");

        List<Frame> frames = ReadUntil(FrameType.Exit);

        Assert.Equal(0, frames[^1].Number);
        using Process sleeper = Process.GetProcessById(int.Parse(TextOf(frames, FrameType.Stdout), CultureInfo.InvariantCulture));
        sleeper.Kill();
    }

    [Fact]
    public void Unit_nonsense_instead_of_a_command_is_answered()
    {
        Greet();
        Send(Frame.OfText(FrameType.Start, "{"));

        Assert.Equal(FrameType.Failure, ReadUntil(FrameType.Failure)[^1].Type);
    }

    [Fact]
    public void Unit_a_signal_reaches_the_command()
    {
        Greet();
        Start("sh", "-c", "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.05; done");
        ReadUntil(FrameType.Stdout);
        // Not SIGINT: where this process was started with it ignored, a shell cannot trap it.
        Send(Frame.OfNumber(FrameType.Signal, GuestProcess.SigTerm));

        List<Frame> frames = ReadUntil(FrameType.Exit);

        Assert.Equal("caught\n", TextOf(frames, FrameType.Stdout));
        Assert.Equal(9, frames[^1].Number);
    }

    [Fact]
    public void Unit_a_host_that_goes_away_ends_the_command()
    {
        Greet();
        Start("sh", "-c", "echo $$; exec sleep 300");
        string pid = TextOf(ReadUntil(FrameType.Stdout), FrameType.Stdout).Trim();

        _port.Hangup();

        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{pid}"), TimeSpan.FromSeconds(20)), $"process {pid} still runs");
    }

    [Fact]
    public void Unit_power_off_is_passed_on()
    {
        Greet();
        Send(new Frame(FrameType.PowerOff, default));

        Assert.True(SpinWait.SpinUntil(() => _poweredOff, TimeSpan.FromSeconds(20)));
    }

    private void Greet()
    {
        _port.Send(Greeting.Encode(Nonce));
        while (!ReadUntil(FrameType.Greeting)[^1].Payload.Span.SequenceEqual(Nonce))
        {
            // The agent's own greeting says that it has just started.
        }
    }

    private void Start(params string[] argv) =>
        Send(new Frame(FrameType.Start, new StartRequest(argv, "/", new Dictionary<string, string>(), null).Encode()));

    private void Send(params Frame[] frames)
    {
        foreach (Frame frame in frames)
            _port.Send(frame.Encode());
    }

    private List<Frame> ReadUntil(FrameType type)
    {
        List<Frame> frames = [];
        while (frames.Count == 0 || frames[^1].Type != type)
        {
            Frame frame;
            while (!_decoder.TryRead(out frame))
                _decoder.Feed(_port.Written.TryTake(out byte[]? bytes, TimeSpan.FromSeconds(20)) ? bytes : throw new TimeoutException($"no {type}"));
            frames.Add(frame);
        }

        return frames;
    }

    private static string TextOf(IEnumerable<Frame> frames, FrameType type) =>
        string.Concat(frames.Where(frame => frame.Type == type).Select(frame => Encoding.UTF8.GetString(frame.Payload.Span)));

    private sealed class MemoryPort : IGuestPort
    {
        private readonly BlockingCollection<byte[]> _sent = [];

        internal BlockingCollection<byte[]> Written { get; } = [];

        internal void Send(byte[] bytes) => _sent.Add(bytes);

        internal void Hangup() => _sent.Add([]);

        public int Read(Span<byte> buffer)
        {
            if (!_sent.TryTake(out byte[]? bytes, Timeout.Infinite))
                return 0;
            bytes.CopyTo(buffer);
            return bytes.Length;
        }

        public void Write(ReadOnlySpan<byte> bytes) => Written.Add(bytes.ToArray());

        public void Write(Frame frame, Func<bool> wanted)
        {
            if (wanted())
                Written.Add(frame.Encode());
        }

        public void Dispose() => _sent.CompleteAdding();
    }
}
