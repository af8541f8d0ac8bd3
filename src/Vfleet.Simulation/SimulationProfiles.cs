using Vfleet.Simulation.Profiles;

namespace Vfleet.Simulation;

/// <summary>The machines that can be simulated, by name.</summary>
public static class SimulationProfiles
{
    private static readonly MachineProfile[] All =
    [
        IntelProfiles.Igb, IntelProfiles.Ixgbe, IntelProfiles.I40e, IntelProfiles.Ice,
        OtherProfiles.Mlx5, OtherProfiles.Nvme, OtherProfiles.Netdevsim,
    ];

    /// <summary>Names of the profiles, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(profile => profile.Name).Order(StringComparer.Ordinal)];

    /// <summary>Builds a machine and the kernel that runs on it.</summary>
    /// <param name="name">A profile, with or without the prefix <c>sim:</c>.</param>
    /// <param name="options">What differs from the profile.</param>
    /// <returns>Usage for an unknown profile or an impossible number.</returns>
    public static Outcome<SimulatedKernel> Create(string name, SimulationOptions? options = null)
    {
        string wanted = name.StartsWith("sim:", StringComparison.Ordinal) ? name[4..] : name;
        MachineProfile? profile = All.FirstOrDefault(profile => profile.Name == wanted);
        if (profile is null)
            return Fault.Usage($"unknown simulation profile '{wanted}'", $"known profiles: {string.Join(", ", Names)}", name);
        return MachineBuilder.Build(profile, options ?? new SimulationOptions()).Map(machine => new SimulatedKernel(machine));
    }
}
