using Microsoft.Win32.SafeHandles;

namespace Vfleet.Cli.Lab.Run;

/// <summary>The process' own streams as plain bytes.</summary>
internal static class StandardStreams
{
    /// <summary>Console's own stream would edit lines on a terminal.</summary>
    internal static Stream OpenInput() => Open(0, FileAccess.Read) ?? Stream.Null;

    internal static Stream OpenOutput() => OpenForWriting(1, Console.OpenStandardOutput);

    internal static Stream OpenError() => OpenForWriting(2, Console.OpenStandardError);

    /// <summary>
    /// A pipe or a terminal is written to directly, because Console hides that nobody reads any more. A file is not: FileStream
    /// keeps a position of its own, and two of them on one file would overwrite each other.
    /// </summary>
    private static Stream OpenForWriting(int descriptor, Func<Stream> console)
    {
        Stream? direct = Open(descriptor, FileAccess.Write);
        return direct is { CanSeek: false } ? direct : console();
    }

    private static FileStream? Open(int descriptor, FileAccess access)
    {
        try
        {
            return new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), access, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The descriptor is closed: there is no such stream.
            return null;
        }
    }
}
