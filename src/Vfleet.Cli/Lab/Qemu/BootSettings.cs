using System.Text;

namespace Vfleet.Cli.Lab.Qemu;

/// <summary>What the guest's init has to know; paths are the host's.</summary>
/// <param name="Modules">Becomes /lib/modules.</param>
/// <param name="Program">The directory of the agent's copy of this program.</param>
/// <param name="Runner">The dotnet host to start it with; empty for a native executable.</param>
/// <param name="Agent">The file in <paramref name="Program"/> to start.</param>
/// <param name="Share">The directory that is writable from both sides, under the same path.</param>
internal sealed record BootSettings(string Modules, string Program, string Runner, string Agent, string Share)
{
    /// <summary>The kernel's command line cannot hold blanks and quotes of a path, so the settings travel as base64.</summary>
    internal string ToKernelParameter()
    {
        string text = $"modules={Modules}\nprogram={Program}\nrunner={Runner}\nagent={Agent}\nshare={Share}\n";
        return $"vfleet.config={Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}";
    }
}
