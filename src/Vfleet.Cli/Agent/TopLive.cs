using System.Text;
using System.Threading.Channels;
using Vfleet.Cli.Session;
using Vfleet.Linux;

namespace Vfleet.Cli.Agent;

/// <summary>
/// <c>vfleet top</c> on a terminal: one screen after another on the terminal's second page, each drawn over the one before by one write, so
/// that nothing flickers; keys are taken where standard input is a terminal too.
/// </summary>
internal static class TopLive
{
    // ECMA-48 and xterm's control sequences: second page without a cursor and back; to the first line; rest of the line, of the page.
    private const string Enter = "\e[?1049h\e[?25l", Leave = "\e[?25h\e[?1049l", Home = "\e[H", EndOfLine = "\e[K", EndOfPage = "\e[J";

    /// <summary>Shows it until a key or Ctrl-C ends it.</summary>
    /// <returns>Why nothing could be read.</returns>
    public static async Task<Fault?> RunAsync(HostSession session, NodeSource source, TopWish wish, TimeSpan interval, CancellationToken cancel)
    {
        TimeProvider time = session.Host.Options.Time;
        ChannelReader<ConsoleKeyInfo> keys = Keys();
        await Console.Out.WriteAsync(Enter).ConfigureAwait(false);
        try
        {
            while (true)
            {
                Outcome<NodeShown> read = await source.ReadAsync(cancel).ConfigureAwait(false);
                if (!read.Try(out NodeShown? shown, out Fault? failed))
                    return failed;
                long begun = time.GetTimestamp();
                DateTimeOffset at = time.GetUtcNow();
                do
                {
                    await DrawAsync(TopScreen.Lines(shown, wish, Console.WindowWidth, Console.WindowHeight, at)).ConfigureAwait(false);
                    if (await KeyAsync(keys, interval - time.GetElapsedTime(begun), time, cancel).ConfigureAwait(false) is not { } key)
                        break;
                    if (wish.After(key) is not { } next)
                        return null;
                    wish = next;
                }
                while (time.GetElapsedTime(begun) < interval);
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C ends it as a key does.
            return null;
        }
        finally
        {
            await Console.Out.WriteAsync(Leave).ConfigureAwait(false);
            await Console.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task DrawAsync(IReadOnlyList<string> lines)
    {
        StringBuilder page = new(Home);
        page.AppendJoin($"{EndOfLine}\r\n", lines).Append(EndOfLine).Append(EndOfPage);
        await Console.Out.WriteAsync(page).ConfigureAwait(false);
        await Console.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task<ConsoleKeyInfo?> KeyAsync(
        ChannelReader<ConsoleKeyInfo> keys, TimeSpan patience, TimeProvider time, CancellationToken cancel)
    {
        if (keys.TryRead(out ConsoleKeyInfo key))
            return key;
        if (patience <= TimeSpan.Zero)
            return null;
        using CancellationTokenSource late = new(patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        try
        {
            return await keys.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // No key came; it is time for the next reading.
            return null;
        }
    }

    /// <summary>Keys as they come, from a thread that ends with the process: nothing else ends a wait for a key.</summary>
    private static ChannelReader<ConsoleKeyInfo> Keys()
    {
        Channel<ConsoleKeyInfo> keys = Channel.CreateBounded<ConsoleKeyInfo>(
            new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropWrite });
        if (Console.IsInputRedirected)
            return keys.Reader;
        new Thread(() =>
        {
            try
            {
                while (true)
                    keys.Writer.TryWrite(Console.ReadKey(intercept: true));
            }
            catch (Exception e) when (e is InvalidOperationException or IOException)
            {
                // The terminal went away, which also ends the program; keys are not worth an error of their own.
            }
        })
        { IsBackground = true, Name = "keys" }.Start();
        return keys.Reader;
    }
}
