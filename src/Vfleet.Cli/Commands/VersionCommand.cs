using System.CommandLine;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Linux.Real;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet version</c></summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        Command version = new("version", "Show the version of vfleet, its runtime and the kernel");
        version.SetAction(parsed =>
        {
            string number = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
            string runtime = $"{RuntimeInformation.FrameworkDescription}{(RuntimeFeature.IsDynamicCodeSupported ? "" : ", natively compiled")}";
            new ResultWriter(parsed.GetValue(GlobalOptions.Output)!, Console.Out).Done(
                $"vfleet {number} ({runtime}, {RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}, {RuntimeInformation.OSDescription})",
                new JsonObject
                {
                    ["version"] = number,
                    ["runtime"] = runtime,
                    ["architecture"] = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
                    ["kernel"] = new LinuxKernel().Files.ReadText("/proc/sys/kernel/osrelease").Or(null),
                });
            return 0;
        });
        return version;
    }
}
