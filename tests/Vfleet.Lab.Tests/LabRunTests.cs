namespace Vfleet.Lab.Tests;

public sealed class LabRunTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(255)]
    public async Task Exit_code_of_the_command_is_passed_on(int code) =>
        Assert.Equal(code, (await Lab.GuestAsync("sh", "-c", $"exit {code}")).ExitCode);

    [Fact]
    public async Task Every_byte_of_input_comes_back_as_output()
    {
        byte[] input = new byte[1 << 20];
        for (int i = 0; i < input.Length; i++)
            input[i] = (byte)(i * 31 + (i >> 8));

        Ended ended = await Lab.GuestWithInputAsync(input, "cat");

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(input, ended.Bytes);
    }

    [Fact]
    public async Task Much_output_does_not_stall()
    {
        Ended ended = await Lab.GuestAsync("head", "-c", "20000000", "/dev/zero");

        Assert.Equal(20_000_000, ended.Bytes.Length);
    }

    [Fact]
    public async Task Standard_error_stays_apart()
    {
        Ended ended = await Lab.GuestAsync("sh", "-c", "echo out; echo err >&2");

        Assert.Equal("out\n", ended.Output);
        Assert.Contains("err", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_run_side_by_side()
    {
        Ended[] ended = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Lab.GuestAsync("sh", "-c", $"sleep 1; echo {i}")));

        Assert.Equal(["0\n", "1\n", "2\n", "3\n"], ended.Select(one => one.Output));
    }

    [Fact]
    public async Task Guest_has_the_devices_it_promises()
    {
        string pfs = await Lab.MustAsync("sh", "-c", "cat /sys/class/net/eth0/device/sriov_totalvfs /sys/class/net/eth1/device/sriov_totalvfs /sys/class/net/eth0/device/numa_node /sys/class/net/eth1/device/numa_node");

        Assert.Equal("7\n7\n0\n1\n", pfs);
    }
}
