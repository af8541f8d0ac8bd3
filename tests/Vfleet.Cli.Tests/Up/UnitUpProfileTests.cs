using System.Text.Json;

namespace Vfleet.Cli.Tests.Up;

/// <summary><c>vfleet up</c> for programs. A run waits for answers that must not come, so the machines take it side by side.</summary>
public sealed class UnitUpProfileTests
{
    [Fact]
    public async Task EveryNicIsFitAndACheckThatFailsIsExitCode5()
    {
        // A VF of mlx5 may take any MAC, whatever was set through the PF: the check of that fails.
        string[] profiles = ["i40e", "ice", "ixgbe", "mlx5"];
        CommandRun[] runs = await Task.WhenAll(profiles.Select(profile => UnitUpCommandTests.UpAsync(profile, "--json")));

        Assert.Equal([0, 0, 0, 5], runs.Select(run => run.ExitCode));
        Assert.All(runs, run =>
        {
            JsonElement report = JsonDocument.Parse(run.Output).RootElement;
            Assert.Equal("simulated", report.GetProperty("mode").GetString());
            bool areGood = report.GetProperty("checks").EnumerateArray().All(check => check.GetProperty("ok").GetBoolean());
            Assert.Equal(run.ExitCode == 0, areGood);
            Assert.NotEqual(0, report.GetProperty("measurements").GetArrayLength());
            Assert.Equal(["mode", "checks", "measurements", "pfs", "vfs"], report.EnumerateObject().Select(property => property.Name));
        });
    }
}
