using Vfleet.Host.Create;
using Vfleet.Host.Tests.Preflight;
using Vfleet.Simulation;

namespace Vfleet.Host.Tests.Create;

public sealed class UnitUnmanagedRuleTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vfleet-test-").FullName;
    private readonly OverlayKernel _kernel = new(SimulationProfiles.Create("igb").Value) { IsSimulated = false };

    [Fact]
    public void ANewRuleIsReadBeforeTheFirstVfComes()
    {
        _kernel.Overlay.Set("/run/udev/control", "");
        _ = UnmanagedRule.Install(_kernel, _root).Value;
        Assert.Contains("NM_UNMANAGED", File.ReadAllText(_root + "/run/udev/rules.d/78-vfleet-vf.rules"), StringComparison.Ordinal);
        Assert.Equal(1, _kernel.UdevReloads);
        _ = UnmanagedRule.Install(_kernel, _root).Value;
        Assert.Equal(1, _kernel.UdevReloads);
    }

    [Fact]
    public void WhereUdevDoesNotRunNothingIsWritten()
    {
        _ = UnmanagedRule.Install(_kernel, _root).Value;
        Assert.Empty(Directory.GetFileSystemEntries(_root));
        Assert.Equal(0, _kernel.UdevReloads);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
