using System.Text;
using Vfleet.Cli.Lab.Wire;

namespace Vfleet.Cli.Tests.Lab;

public sealed class FrameDecoderTests
{
    private static readonly byte[] Nonce = [.. Enumerable.Range(1, Greeting.NonceBytes).Select(i => (byte)i)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Unit_frames_survive_any_cut(int step)
    {
        Frame[] sent =
        [
            Frame.OfText(FrameType.Stdout, "hello"),
            new(FrameType.StdinEnd, default),
            Frame.OfNumber(FrameType.Exit, 37),
            new(FrameType.Stderr, Enumerable.Range(0, Frame.MaxPayloadBytes).Select(i => (byte)i).ToArray()),
        ];
        byte[] bytes = [.. Greeting.Encode(Nonce), .. sent.SelectMany(frame => frame.Encode())];

        List<Frame> got = Decode(new FrameDecoder(), bytes, step);

        Assert.Equal(FrameType.Greeting, got[0].Type);
        Assert.Equal(Nonce, got[0].Payload.ToArray());
        Assert.Equal(sent.Select(frame => frame.Type), got.Skip(1).Select(frame => frame.Type));
        Assert.Equal(sent.Select(frame => Convert.ToHexString(frame.Payload.Span)), got.Skip(1).Select(frame => Convert.ToHexString(frame.Payload.Span)));
    }

    [Fact]
    public void Unit_everything_before_the_greeting_is_skipped()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes("rest of a former command Vfleet lab, v"), .. Greeting.Encode(Nonce), .. Frame.OfNumber(FrameType.Exit, 0).Encode()];

        List<Frame> got = Decode(new FrameDecoder(), bytes, 3);

        Assert.Equal([FrameType.Greeting, FrameType.Exit], got.Select(frame => frame.Type));
    }

    [Fact]
    public void Unit_a_greeting_after_a_broken_conversation_starts_a_new_one()
    {
        byte[] bytes = [.. Greeting.Encode(Nonce), .. Frame.OfText(FrameType.Stdin, "whole").Encode(), .. Greeting.Encode(Nonce)];

        List<Frame> got = Decode(new FrameDecoder(), bytes, 5);

        Assert.Equal([FrameType.Greeting, FrameType.Stdin, FrameType.Greeting], got.Select(frame => frame.Type));
    }

    [Theory]
    [InlineData("FF00000000000000")] // no such type
    [InlineData("0200000001000100")] // longer than any frame
    [InlineData("02000000FFFFFFFF")] // negative length
    [InlineData("0201000000000000")] // reserved byte set
    [InlineData("1200000003000000")] // exit code of three bytes
    public void Unit_garbage_puts_the_stream_out_of_step_until_the_next_greeting(string header)
    {
        FrameDecoder decoder = new();
        Decode(decoder, Greeting.Encode(Nonce), 64);
        Assert.True(decoder.InStep);

        Assert.Empty(Decode(decoder, Convert.FromHexString(header), 64));
        Assert.False(decoder.InStep);

        Assert.Single(Decode(decoder, Greeting.Encode(Nonce), 64));
        Assert.True(decoder.InStep);
    }

    [Fact]
    public void Unit_a_cut_frame_waits_and_a_reset_forgets_it()
    {
        FrameDecoder decoder = new();
        byte[] frame = Frame.OfText(FrameType.Stdout, "0123456789").Encode();
        Decode(decoder, Greeting.Encode(Nonce), 64);

        Assert.Empty(Decode(decoder, frame[..^1], 64));
        decoder.Reset();
        Assert.Equal([FrameType.Greeting, FrameType.Stdout], Decode(decoder, [.. Greeting.Encode(Nonce), .. frame], 64).Select(got => got.Type));
    }

    [Fact]
    public void Unit_a_million_random_bytes_neither_crash_nor_grow_it()
    {
        FrameDecoder decoder = new();
        Random random = new(20261122);
        byte[] noise = new byte[4096];
        for (int i = 0; i < 256; i++)
        {
            random.NextBytes(noise);
            decoder.Feed(noise);
            while (decoder.TryRead(out _))
            {
                // Whatever noise decodes to is of no interest; that it ends is.
            }
        }

        decoder.Reset();
        Assert.Single(Decode(decoder, Greeting.Encode(Nonce), 1));
    }

    private static List<Frame> Decode(FrameDecoder decoder, byte[] bytes, int step)
    {
        List<Frame> frames = [];
        foreach (byte[] part in bytes.Chunk(step))
        {
            decoder.Feed(part);
            while (decoder.TryRead(out Frame frame))
                frames.Add(frame);
        }

        return frames;
    }
}
