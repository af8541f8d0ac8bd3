using System.Diagnostics;
using Vfleet.Host.Warm;
using Vfleet.Linux.Real;
using Vfleet.Linux.Tests;

namespace Vfleet.Host.Tests.Warm;

/// <summary>What the real kernel does with an interface that is kept quiet, and with one that moves.</summary>
public sealed class KernelQuietInterfaceTests : IDisposable
{
    private static readonly string[] Files =
    [
        "ipv4/conf/NAME/arp_ignore", "ipv4/conf/NAME/rp_filter", "ipv6/conf/NAME/disable_ipv6", "ipv6/conf/NAME/accept_ra",
        "ipv6/conf/NAME/addr_gen_mode",
    ];

    private readonly string _name = $"vft{Environment.ProcessId}q", _space = $"vft-{Environment.ProcessId}-quiet";
    private readonly LinuxKernel _kernel = new();

    [KernelFact("ip", "/proc/sys/net/ipv6")]
    public void AnInterfaceThatIsQuietHasNoAddressOfItsOwnAndSpeaksInTheNamespaceItMovesTo()
    {
        Ip($"link add {_name} type veth peer name {_name}p");
        Ip($"link set {_name}p up");
        Assert.NotEmpty(QuietInterface.Differences(_kernel.Files, _name));
        Assert.Null(QuietInterface.Set(_kernel.Files, _name).Fault);
        Assert.Empty(QuietInterface.Differences(_kernel.Files, _name));
        Ip($"link set {_name} up");
        // The peer gets one, so there has been time enough.
        Assert.True(Gets($"-6 address show dev {_name}p -tentative", "fe80"));
        Assert.DoesNotContain("inet6", Ip($"address show dev {_name}"), StringComparison.Ordinal);

        _kernel.CreateNamespace(_space).Value.Dispose();
        Ip($"link set {_name} netns {_space}");
        Ip($"-n {_space} link set {_name} up");
        Assert.True(Gets($"-n {_space} -6 address show dev {_name}", "fe80"));
        Assert.All(Files, file => Assert.Equal(ReadThere(file, "default"), ReadThere(file, _name)));
    }

    [KernelFact("ip", "/proc/sys/net/ipv6")]
    public void WhatIsTakenBackIsAsOfAnyNewInterface()
    {
        Ip($"link add {_name} type veth peer name {_name}p");
        string[] before = Switches();
        Assert.Null(QuietInterface.Set(_kernel.Files, _name).Fault);
        Assert.NotEqual(before, Switches());
        Assert.Null(QuietInterface.Undo(_kernel.Files, _name).Fault);
        Assert.Equal(before, Switches());
    }

    public void Dispose()
    {
        _ = TryIp($"link delete {_name}p");
        _ = _kernel.DeleteNamespace(_space);
    }

    private string[] Switches() => [.. Files.Select(file => File.ReadAllText(PathOf(file, _name)))];

    private string ReadThere(string file, string name) => Ip($"netns exec {_space} cat {PathOf(file, name)}");

    private static string PathOf(string file, string name) => $"/proc/sys/net/{file.Replace("NAME", name, StringComparison.Ordinal)}";

    /// <summary>Waits for what <c>ip</c> tells to have a word in it.</summary>
    private static bool Gets(string arguments, string word) =>
        SpinWait.SpinUntil(() => Ip(arguments).Contains(word, StringComparison.Ordinal), TimeSpan.FromSeconds(10));

    private static string Ip(string arguments)
    {
        (int exit, string words) = TryIp(arguments);
        Assert.True(exit == 0, words);
        return words;
    }

    private static (int Exit, string Words) TryIp(string arguments)
    {
        ProcessStartInfo start = new("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string words = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, words);
    }
}
