namespace Vfleet.Simulation.Files;

/// <summary>Walks absolute paths through directories and links.</summary>
internal sealed class PathResolver(DirectoryNode root)
{
    private const int MostLinks = 40;

    /// <param name="path">An absolute path; <c>..</c> and repeated slashes are understood.</param>
    /// <param name="follow">True follows a link at the end too.</param>
    /// <param name="node">What is there.</param>
    /// <param name="canonical">Its path without links on the way.</param>
    public Errno Resolve(string path, bool follow, out Node? node, out string canonical)
    {
        LinkedList<string> rest = new(Parts(path));
        List<(string Name, DirectoryNode Directory)> trail = [];
        Node current = root;
        int links = 0;
        node = null;
        canonical = "/";
        while (rest.First is { } next)
        {
            rest.RemoveFirst();
            if (next.Value == "..")
            {
                Up(trail, ref current);
                continue;
            }
            if (current is not DirectoryNode directory)
                return Errno.ENOTDIR;
            if (directory.Find(next.Value) is not { } found)
                return Errno.ENOENT;
            if (found is LinkNode link && (follow || rest.Count > 0))
            {
                if (++links > MostLinks)
                    return Errno.ELOOP;
                foreach (string part in Enumerable.Reverse(Parts(link.Target)))
                    rest.AddFirst(part);
                trail.Clear();
                current = root;
                continue;
            }
            trail.Add((next.Value, directory));
            current = found;
        }
        node = current;
        canonical = "/" + string.Join('/', trail.Select(step => step.Name));
        return Errno.None;
    }

    /// <summary>A target as the kernel writes it into a link: relative to the link's directory.</summary>
    public static string Relative(string link, string target)
    {
        string[] from = Parts(link)[..^1];
        string[] to = Parts(target);
        int common = 0;
        // The target itself never counts as common ground: a link from within a directory to it climbs out and names it.
        while (common < from.Length && common < to.Length - 1 && from[common] == to[common])
            common++;
        return string.Join('/', Enumerable.Repeat("..", from.Length - common).Concat(to[common..]));
    }

    private static void Up(List<(string Name, DirectoryNode Directory)> trail, ref Node current)
    {
        if (trail.Count == 0)
            return;
        current = trail[^1].Directory;
        trail.RemoveAt(trail.Count - 1);
    }

    private static string[] Parts(string path) =>
        [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".")];
}
