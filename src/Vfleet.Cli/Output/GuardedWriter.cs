using System.Text;

namespace Vfleet.Cli.Output;

/// <summary>
/// A standard stream that may be full, closed or read-only. A result that is lost must not pass for success; a message that is lost
/// must not end the work it tells of.
/// </summary>
/// <param name="inner">The stream.</param>
/// <param name="isResult">True for standard output: what is lost is reported. False for standard error: there is nobody to tell.</param>
internal sealed class GuardedWriter(TextWriter inner, bool isResult) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The runtime's words for ENOSPC and its like, and for EBADF: the descriptor was closed by whoever started this process.
            if (isResult)
                throw new OutputLostException(e);
        }
    }
}
