namespace Vfleet.Host.State;

/// <summary>Looks at a file of the state directory before it is opened.</summary>
public static class StateFile
{
    /// <summary>A hundred times the largest record; nothing vfleet wrote is longer.</summary>
    private const long Longest = 1 << 20;

    /// <returns>What is wrong with it, or null. A pipe or device says length 0, and opening a pipe would wait for ever.</returns>
    public static string? Refuse(string path)
    {
        FileInfo file = new(path);
        if (file.LinkTarget is not null)
            return "it is a symbolic link";
        return file.Length switch
        {
            0 => "it is empty, or no regular file",
            > Longest => $"it has {file.Length} bytes, and no record is longer than {Longest}",
            _ => null,
        };
    }
}
