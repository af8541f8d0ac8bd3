using Vfleet.Linux;
using Vfleet.Linux.Pci;
using Vfleet.Linux.Real;
using Vfleet.Simulation;

namespace Vfleet.Contract.Tests;

/// <summary>The kernel the contract is held against: <c>VFLEET_CONTRACT_KERNEL</c> is <c>sim</c> (unless given) or <c>linux</c>.</summary>
internal static class ContractKernel
{
    private const string Variable = "VFLEET_CONTRACT_KERNEL";

    /// <summary>True on the real kernel.</summary>
    public static bool IsReal { get; } = Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "sim" => false,
        "linux" => true,
        var other => throw new InvalidOperationException($"{Variable} is \"{other}\"; it may be sim or linux"),
    };

    /// <summary>Why a case cannot run here, or null.</summary>
    public static string? WhyNot(ContractDevice device)
    {
        if (!IsReal)
            return null;
        if (!Environment.IsPrivilegedProcess)
            return "needs root on the real kernel";
        return device switch
        {
            ContractDevice.Igb when new PciDrivers(new LinuxKernel().Files).FunctionsOf("igb").Or([]) is not { Count: >= 2 } => "needs two ports of igb, as the lab has",
            ContractDevice.Netdevsim when !Directory.Exists("/sys/bus/netdevsim") => "needs the module netdevsim, as the lab has",
            _ => null,
        };
    }

    /// <summary>The machine with igb: the real one, or a fresh simulated one.</summary>
    public static IKernel Igb() => IsReal ? new LinuxKernel() : SimulationProfiles.Create("igb").Value;

    /// <summary>The machine with netdevsim: the real one, or a fresh simulated one.</summary>
    public static IKernel Netdevsim() => IsReal ? new LinuxKernel() : SimulationProfiles.Create("netdevsim").Value;
}
