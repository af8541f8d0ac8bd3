using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vfleet.Cli.Lab;

/// <summary>This program as the guest starts it: one native file, or a dotnet host and an assembly.</summary>
/// <param name="Files">What has to be copied beside each other.</param>
/// <param name="Entry">The file among them to start.</param>
/// <param name="Runner">The dotnet host; empty where the file is native.</param>
internal sealed record AgentProgram(IReadOnlyList<string> Files, string Entry, string Runner)
{
    private const string Assembly = "vfleet.dll";

    /// <summary>The directory the files are in, some of them in folders of it.</summary>
    public required string Root { get; init; }

    /// <summary>Where the running program came from.</summary>
    internal static AgentProgram OfThisProcess()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            string native = Environment.ProcessPath ?? throw LabException.Internal("this process does not know its own file");
            string beside = Path.GetDirectoryName(native)!;
            return new AgentProgram([native, .. Directory.GetFiles(beside, "*.so")], Path.GetFileName(native), "") { Root = beside };
        }

        string directory = AppContext.BaseDirectory;
        if (!File.Exists(Path.Combine(directory, Assembly)))
            throw LabException.Internal($"{Assembly} is not in {directory}");
        string[] files = [.. Directory.GetFiles(directory).Where(file => Path.GetExtension(file) is ".dll" or ".json" or ".so")];
        // Native libraries of packages are below here, and the runtime asks for them at this place.
        string native64 = Path.Combine(directory, "runtimes", "linux-x64");
        string[] libraries = Directory.Exists(native64) ? Directory.GetFiles(native64, "*.so", SearchOption.AllDirectories) : [];
        return new AgentProgram([.. files, .. libraries], Assembly, DotnetHost()) { Root = directory };
    }

    /// <summary>The words that start this program once more.</summary>
    internal static string[] OwnCommand() => RuntimeFeature.IsDynamicCodeSupported
        ? [DotnetHost(), Path.Combine(AppContext.BaseDirectory, Assembly)]
        : [Environment.ProcessPath ?? throw LabException.Internal("this process does not know its own file")];

    /// <summary>Copies the files; what was in <paramref name="directory"/> before goes.</summary>
    internal void CopyTo(string directory)
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
        LabPaths.CreatePrivate(directory);
        foreach (string file in Files)
        {
            string copy = Path.Combine(directory, Path.GetRelativePath(Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>The host that runs us, or the one beside the runtime we were loaded from (an apphost is not a dotnet).</summary>
    private static string DotnetHost()
    {
        if (Environment.ProcessPath is { } process && Path.GetFileName(process) == "dotnet")
            return process;
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        string host = Path.Combine(root, "dotnet");
        return File.Exists(host) ? host : Programs.Find("dotnet") ?? throw LabException.Internal("no dotnet to start the guest's agent with");
    }
}
