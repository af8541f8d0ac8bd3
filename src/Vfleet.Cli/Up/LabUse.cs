using Vfleet.Cli.Lab;

namespace Vfleet.Cli.Up;

/// <summary>What <c>vfleet up</c> needs to know of the lab.</summary>
internal static class LabUse
{
    /// <summary>True in the lab's guest, which has no lab of its own to end.</summary>
    public static bool IsInside() => Environment.GetEnvironmentVariable("VFLEET_IN_LAB") is not null;

    /// <summary>True where the lab's emulator is installed, so that nothing has to be installed as root.</summary>
    public static bool HasEmulator() => Programs.Find("qemu-system-x86_64") is not null;

    /// <summary>This program as it is started in the guest, which has a copy of it.</summary>
    public static IReadOnlyList<string> GuestCommand()
    {
        AgentProgram program = AgentProgram.OfThisProcess();
        string entry = $"/run/vfleet/program/{program.Entry}";
        return program.Runner.Length == 0 ? [entry] : [program.Runner, entry];
    }
}
