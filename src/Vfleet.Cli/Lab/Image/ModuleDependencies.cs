namespace Vfleet.Cli.Lab.Image;

/// <summary>depmod's modules.dep: which files a module needs, in which order.</summary>
internal sealed class ModuleDependencies
{
    private readonly Dictionary<string, (string File, string[] Needs)> _modules;

    private ModuleDependencies(Dictionary<string, (string File, string[] Needs)> modules) => _modules = modules;

    /// <summary>Lines of <c>FILE: NEEDED FILES, the deepest last</c>.</summary>
    internal static ModuleDependencies Parse(IEnumerable<string> lines)
    {
        Dictionary<string, (string, string[])> modules = new(StringComparer.Ordinal);
        foreach (string line in lines)
        {
            string[] halves = line.Split(':', 2);
            if (halves.Length == 2)
                modules[NameOf(halves[0])] = (halves[0], halves[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return new ModuleDependencies(modules);
    }

    /// <summary>The files to load for these modules, each after what it needs. Modules built into the kernel, or unknown, have none.</summary>
    internal IReadOnlyList<string> FilesOf(IEnumerable<string> modules)
    {
        List<string> files = [];
        foreach (string module in modules)
        {
            if (_modules.TryGetValue(NameOf(module), out (string File, string[] Needs) found))
                files.AddRange(Enumerable.Reverse(found.Needs).Append(found.File).Except(files, StringComparer.Ordinal).ToArray());
        }

        return files;
    }

    private static string NameOf(string file) =>
        Path.GetFileName(file).Split(".ko", 2)[0].Replace('-', '_');
}
