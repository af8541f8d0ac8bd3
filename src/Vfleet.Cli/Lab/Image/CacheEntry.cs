namespace Vfleet.Cli.Lab.Image;

/// <summary>Directories of the cache: whole or absent, never half made.</summary>
internal static class CacheEntry
{
    private const string Unfinished = ".unfinished-";

    /// <summary>Makes <paramref name="path"/> by filling a directory beside it and renaming that.</summary>
    internal static async Task MakeAsync(string path, Func<string, Task> fill)
    {
        string parent = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(parent);
        string temporary = Path.Combine(parent, $"{Unfinished}{Guid.NewGuid():N}");
        Directory.CreateDirectory(temporary);
        try
        {
            await fill(temporary);
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            Directory.Move(temporary, path);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Removes what a killed vfleet left unfinished. The caller holds the cache's lock, so nobody works on it.</summary>
    internal static void RemoveUnfinished(string parent)
    {
        if (!Directory.Exists(parent))
            return;
        foreach (string directory in Directory.GetDirectories(parent, $"{Unfinished}*"))
            Directory.Delete(directory, recursive: true);
    }
}
