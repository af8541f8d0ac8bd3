namespace Vfleet.Linux.Tests.Pci;

/// <summary>Plays the kernel's driver core on a tree: bind, unbind, drivers_probe and driver_override move the links.</summary>
internal sealed class DriverCore
{
    private readonly MemoryTree _tree;
    private readonly Dictionary<string, string> _overrides = [];

    public DriverCore(MemoryTree tree)
    {
        _tree = tree;
        tree.OnWrite = Write;
    }

    /// <summary>Drivers whose probe fails.</summary>
    public HashSet<string> Failing { get; } = [];

    /// <summary>What is answered to a write instead, by the end of its path.</summary>
    public Dictionary<string, Errno> Refusals { get; } = [];

    public static void Register(MemoryTree tree, string driver) =>
        tree.Add($"/sys/bus/pci/drivers/{driver}/bind =\n/sys/bus/pci/drivers/{driver}/unbind =");

    public void Attach(PciAddress address, string driver)
    {
        _tree.Add($"{Home(address)}/driver -> ../../../../bus/pci/drivers/{driver}");
        _tree.Add($"/sys/bus/pci/drivers/{driver}/{address} -> ../../../../{Home(address)[5..]}");
    }

    public string? OverrideOf(PciAddress address) => _overrides.GetValueOrDefault(address.ToString());

    private static string Home(PciAddress address) => $"/sys/devices/pci0000:00/0000:00:03.0/{address}";

    private Outcome<Unit> Write(string path, string text)
    {
        foreach ((string end, Errno errno) in Refusals)
        {
            if (path.EndsWith(end, StringComparison.Ordinal))
                return Fault.FromErrno(errno, $"echo {text} > {path}", path);
        }

        string[] parts = path.Split('/');
        switch (parts[^1])
        {
            case "driver_override":
                _overrides[parts[^2]] = text.Trim();
                break;
            case "drivers_probe" when _overrides.GetValueOrDefault(text) is { Length: > 0 } driver:
                Bind(text, driver);
                break;
            case "bind" when !Matches(parts[^2], text):
                return Fault.FromErrno(Errno.ENODEV, $"echo {text} > {path}", path);
            case "bind":
                Bind(text, parts[^2]);
                break;
            case "unbind":
                _tree.Remove($"{Home(Parse(text))}/driver");
                _tree.Remove($"/sys/bus/pci/drivers/{parts[^2]}/{text}");
                break;
        }

        return Unit.Done;
    }

    /// <summary>As pci_match_device: a prescribed driver alone matches, and vfio-pci only when it is prescribed.</summary>
    private bool Matches(string driver, string address) =>
        _overrides.GetValueOrDefault(address) is { Length: > 0 } prescribed ? prescribed == driver : driver != "vfio-pci";

    private void Bind(string address, string driver)
    {
        if (!Failing.Contains(driver) && _tree.Exists($"/sys/bus/pci/drivers/{driver}"))
            Attach(Parse(address), driver);
    }

    private static PciAddress Parse(string text) => PciAddress.TryParse(text, out PciAddress address) ? address : throw new InvalidOperationException(text);
}
