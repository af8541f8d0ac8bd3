namespace Vfleet.Lab.Tests;

/// <summary>A test of what happens on a host whose devices have no SR-IOV; elsewhere hardware would be used, so it is skipped.</summary>
public sealed class HostWithoutSriovFactAttribute : FactAttribute
{
    public HostWithoutSriovFactAttribute()
    {
        string? capable = Directory.Exists("/sys/bus/pci/devices")
            ? Directory.GetDirectories("/sys/bus/pci/devices").FirstOrDefault(device => File.Exists($"{device}/sriov_totalvfs"))
            : null;
        Skip = capable is null ? null : $"{capable} has SR-IOV";
    }
}
