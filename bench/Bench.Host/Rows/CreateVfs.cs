using System.Globalization;
using Vfleet.Bench.Devices;
using Vfleet.Bench.Measurement;
using Vfleet.Host.Create;
using Vfleet.Linux;

namespace Vfleet.Bench.Rows;

/// <summary>VFs created and ready on vfio-pci, beside create.sh; with the calls of the native driver's probe on the way.</summary>
internal sealed class CreateVfs : IBenchmark
{
    private const string Driver = "vfio-pci";
    private readonly string _pfDriver;
    private readonly (string Module, string Function) _nativeProbe;
    private readonly int _vfs;

    private CreateVfs(string pfDriver, (string Module, string Function) nativeProbe, int vfs)
    {
        _pfDriver = pfDriver;
        _nativeProbe = nativeProbe;
        _vfs = vfs;
    }

    public static CreateVfs Igb => new("igb", ("igbvf", "igbvf_probe"), 7);

    public static CreateVfs Nvme => new("nvme", ("nvme", "nvme_probe"), 127);

    public string Name => $"create-{_pfDriver}-{_vfs}";

    public Promise Promise => Promise.AtMost(1.3);

    public async Task RunAsync(Workbench bench)
    {
        IKernel kernel = bench.Kernel;
        foreach (string module in (string[])[_nativeProbe.Module, Driver, "vfio_iommu_type1"])
            BenchException.Take(kernel.LoadModule(module));
        using TestPf pf = TestPf.Find(kernel, _pfDriver, _vfs);
        using CallCounter native = CallCounter.Start(kernel, _nativeProbe.Module, _nativeProbe.Function);
        using CallCounter user = CallCounter.Start(kernel, "vfio_pci", "vfio_pci_probe");
        Probes inside = new(native, user), program = new(native, user);
        double[][] samples = await Interleaved.RunAsync(
            _vfs < 32 ? bench.Rounds : bench.FewRounds,
            () => inside.WatchAsync(() => MeasureAsync(pf, () => InProcessAsync(bench, pf))),
            () => program.WatchAsync(() => MeasureAsync(pf, () => Child.RunAsync(
                bench.Tool("vfleet"), "vf", "create", pf.Address.ToString(), Sysfs.Text(_vfs), "--driver", Driver, "--state", bench.Host.StateDirectory))),
            () => MeasureAsync(pf, () => Child.RunAsync(bench.Tool("create.sh"), pf.Address.ToString(), Sysfs.Text(_vfs)))).ConfigureAwait(false);
        bench.Add(Row(Name, samples[0], samples[2], inside));
        // A program's start weighs most where the machine is emulated and the work is small, so the promise is of the work.
        bench.Add(Row($"{Name}-cli", samples[1], samples[2], program) with { Promise = Promise.None });
    }

    private static async Task InProcessAsync(Workbench bench, TestPf pf, int vfs)
    {
        VfCreator creator = new(bench.Kernel, bench.Host);
        CreatePlan plan = BenchException.Take(await creator.PlanAsync(pf.Address.ToString(), vfs, Driver, force: false).ConfigureAwait(false));
        BenchException.Take(await creator.ApplyAsync(plan, force: false).ConfigureAwait(false));
    }

    private Task InProcessAsync(Workbench bench, TestPf pf) => InProcessAsync(bench, pf, _vfs);

    private async Task<double> MeasureAsync(TestPf pf, Func<Task> create)
    {
        pf.OfferToDrivers();
        try
        {
            double taken = await Clock.TimeAsync(create).ConfigureAwait(false);
            pf.CheckBound(_vfs, Driver);
            return taken;
        }
        finally
        {
            pf.Clear();
        }
    }

    private Row Row(string name, double[] ours, double[] peers, Probes probes) => new(name, "create.sh", SampleUnit.Nanoseconds, Promise)
    {
        Ours = ours,
        Peers = peers,
        Note = string.Create(CultureInfo.InvariantCulture, $"{_nativeProbe.Function} ran {probes.Native} times, vfio_pci_probe {probes.User} times for {_vfs * probes.Turns} VFs"),
        Verdict = probes.Native == 0 ? null : false,
    };

    /// <summary>Calls of two drivers' probes during one side's turns.</summary>
    private sealed class Probes(CallCounter native, CallCounter user)
    {
        public long Native { get; private set; }

        public long User { get; private set; }

        public int Turns { get; private set; }

        public async Task<double> WatchAsync(Func<Task<double>> turn)
        {
            (long nativeBefore, long userBefore) = (native.Count(), user.Count());
            double sample = await turn().ConfigureAwait(false);
            Native += native.Count() - nativeBefore;
            User += user.Count() - userBefore;
            Turns++;
            return sample;
        }
    }
}
