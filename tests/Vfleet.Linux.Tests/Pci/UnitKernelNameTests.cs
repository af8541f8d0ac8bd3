using Vfleet.Linux.Pci;

namespace Vfleet.Linux.Tests.Pci;

public sealed class UnitKernelNameTests
{
    [Theory]
    [InlineData("vfio-pci")]
    [InlineData("igb")]
    [InlineData("mlx5_core")]
    [InlineData("8250_exar")]
    [InlineData("uio_pci_generic")]
    public void Names_of_drivers_are_valid(string name) => Assert.Null(KernelName.Check(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../../../etc")]
    [InlineData("a/b")]
    [InlineData("-f")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("é")]
    [InlineData("12345678901234567890123456789012345678901234567890123456")]
    public void Anything_else_is_wrong_usage(string? name) => Assert.Equal(FaultKind.Usage, KernelName.Check(name)!.Kind);

    [Fact]
    public void A_path_is_never_built_from_an_unchecked_name() =>
        Assert.Throws<ArgumentException>(() => PciPath.DriverAttribute("../devices/0000:00:00.0", "remove"));
}
