using Vfleet.Host.Create;
using Vfleet.Host.Tests.Preflight;
using Vfleet.Linux;
using Vfleet.Simulation;

namespace Vfleet.Host.Tests.Create;

public sealed class UnitUnmanagedRuleTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vfleet-test-").FullName;
    private readonly OverlayKernel _kernel = new(SimulationProfiles.Create("igb").Value) { ClaimsToBeReal = true };
    private readonly HurriedTime _time = new();

    [Fact]
    public async Task ANewRuleIsReadBeforeTheFirstVfComes()
    {
        _kernel.Overlay.Set("/run/udev/control", "");
        _ = (await InstallAsync()).Value;
        Assert.Contains("NM_UNMANAGED", File.ReadAllText(_root + "/run/udev/rules.d/78-vfleet-vf.rules"), StringComparison.Ordinal);
        Assert.Equal(1, _kernel.UdevReloads);
        _ = (await InstallAsync()).Value;
        Assert.Equal(1, _kernel.UdevReloads);
        Assert.DoesNotContain(UnmanagedRule.UdevInterval, _time.Waited);
    }

    [Fact]
    public async Task WhereUdevCannotBeToldItIsWaitedFor()
    {
        _kernel.Overlay.Set("/run/udev/control", "");
        _kernel.UdevRefusal = Fault.Unsupported("udevadm is not there");
        _ = (await InstallAsync()).Value;
        Assert.Contains(UnmanagedRule.UdevInterval, _time.Waited);
    }

    [Fact]
    public async Task WhereUdevDoesNotRunNothingIsWritten()
    {
        _ = (await InstallAsync()).Value;
        Assert.Empty(Directory.GetFileSystemEntries(_root));
        Assert.Equal(0, _kernel.UdevReloads);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private ValueTask<Outcome<Unit>> InstallAsync() =>
        UnmanagedRule.InstallAsync(_kernel, new HostOptions { StateDirectory = _root, Time = _time }, _root, CancellationToken.None);

    /// <summary>A clock on which udev's interval passes at once.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public List<TimeSpan> Waited { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waited.Add(dueTime);
            return base.CreateTimer(callback, state, dueTime == UnmanagedRule.UdevInterval ? TimeSpan.Zero : dueTime, period);
        }
    }
}
