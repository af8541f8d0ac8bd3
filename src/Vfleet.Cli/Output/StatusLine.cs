namespace Vfleet.Cli.Output;

/// <summary>A line on standard error that is written over, on a terminal; nothing elsewhere.</summary>
internal sealed class StatusLine : IDisposable
{
    private const string Clear = "\r\u001b[K";
    private readonly Lock _gate = new();
    private readonly bool _isOn = !Console.IsErrorRedirected;
    private bool _isShown;

    /// <summary>Shows a text in the place of the last one.</summary>
    public void Show(string text)
    {
        if (!_isOn)
            return;
        lock (_gate)
        {
            Console.Error.Write(Clear + text);
            _isShown = true;
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isShown)
                Console.Error.Write(Clear);
            _isShown = false;
        }
    }
}
