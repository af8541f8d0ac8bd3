using System.Buffers;
using System.Text;
using Vfleet.Linux;

namespace Vfleet.Host.Preflight;

/// <summary>Where a kernel module is.</summary>
internal enum ModuleState
{
    /// <summary>In the kernel, loaded or built in.</summary>
    Loaded,

    /// <summary>On disk; loaded when it is needed.</summary>
    OnDisk,

    /// <summary>Nowhere.</summary>
    Missing,

    /// <summary>Not loaded, and the index of modules cannot be read.</summary>
    Unknown,
}

/// <summary>The modules of the running kernel. Source: modules.dep(5), modules.builtin of kmod.</summary>
internal sealed class ModuleIndex
{
    private const int LargestIndex = 8 << 20;
    private readonly IFileTree _files;
    private readonly HashSet<string>? _onDisk;
    private readonly HashSet<string> _builtIn;

    private ModuleIndex(IFileTree files, string? release, HashSet<string>? onDisk, HashSet<string> builtIn)
    {
        _files = files;
        Release = release;
        _onDisk = onDisk;
        _builtIn = builtIn;
    }

    /// <summary>The running kernel's release, such as 6.12.95-amd64.</summary>
    public string? Release { get; }

    public static ModuleIndex Read(IFileTree files)
    {
        string? release = files.ReadText("/proc/sys/kernel/osrelease").Or(null)?.Trim();
        if (string.IsNullOrEmpty(release) || release.Contains('/', StringComparison.Ordinal))
            return new ModuleIndex(files, null, null, []);
        string folder = $"/lib/modules/{release}";
        return new ModuleIndex(files, release, Names(files, $"{folder}/modules.dep"), Names(files, $"{folder}/modules.builtin") ?? []);
    }

    public ModuleState StateOf(string name)
    {
        string module = Normal(name);
        // A driver that is built in without parameters has no directory in /sys/module, but is registered.
        if (_files.Exists($"/sys/module/{module}") || _files.Exists($"/sys/bus/pci/drivers/{name}") || _builtIn.Contains(module))
            return ModuleState.Loaded;
        return _onDisk is null ? ModuleState.Unknown : _onDisk.Contains(module) ? ModuleState.OnDisk : ModuleState.Missing;
    }

    private static HashSet<string>? Names(IFileTree files, string path)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LargestIndex);
        try
        {
            if (!files.ReadBytes(path, buffer).Try(out int length, out _))
                return null;
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (ReadOnlySpan<char> line in Encoding.UTF8.GetString(buffer, 0, length).AsSpan().EnumerateLines())
            {
                // kernel/drivers/vfio/pci/vfio-pci.ko.xz: what it depends on
                int end = line.IndexOf(".ko", StringComparison.Ordinal);
                if (end > 0)
                    names.Add(Normal(line[(line[..end].LastIndexOf('/') + 1)..end].ToString()));
            }
            return names;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string Normal(string name) => name.Replace('-', '_');
}
