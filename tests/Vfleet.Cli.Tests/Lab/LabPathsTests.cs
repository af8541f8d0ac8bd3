using Vfleet.Cli.Lab;
using Vfleet.Linux;

namespace Vfleet.Cli.Tests.Lab;

public sealed class LabPathsTests
{
    private static LabPaths Of(bool isRoot, params (string Name, string Value)[] variables) =>
        LabPaths.FromEnvironment(name => variables.Where(variable => variable.Name == name).Select(variable => variable.Value).FirstOrDefault(), isRoot);

    [Fact]
    public void Unit_root_has_the_systems_places() => Assert.Equal(new LabPaths("/var/cache/vfleet/lab", "/run/vfleet/lab"), Of(isRoot: true));

    [Fact]
    public void Unit_others_have_their_own() => Assert.Equal(
        new LabPaths("/home/a/.cache/vfleet/lab", "/run/user/7/vfleet/lab"), Of(isRoot: false, ("HOME", "/home/a"), ("XDG_RUNTIME_DIR", "/run/user/7")));

    [Fact]
    public void Unit_variables_override_both() => Assert.Equal(
        new LabPaths("/c", "/r"), Of(isRoot: true, ("VFLEET_LAB_CACHE", "/c"), ("VFLEET_LAB_DIR", "/r")));

    [Fact]
    public void Unit_without_a_place_for_sockets_the_variable_is_named()
    {
        LabException e = Assert.Throws<LabException>(() => Of(isRoot: false, ("HOME", "/home/a")));

        Assert.Equal(FaultKind.Usage, e.Fault.Kind);
        Assert.Contains("VFLEET_LAB_DIR", e.Fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Unit_a_directory_too_long_for_a_socket_is_refused() =>
        Assert.Throws<LabException>(() => Of(isRoot: true, ("VFLEET_LAB_DIR", "/" + new string('x', 100))));
}
