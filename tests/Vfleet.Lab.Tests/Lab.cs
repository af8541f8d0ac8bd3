using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>The running lab, driven through the built executable as a user would.</summary>
internal static class Lab
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>A program's streams end with it; where they do not, something it left behind holds them.</summary>
    private static readonly TimeSpan StreamsEnd = TimeSpan.FromSeconds(20);

    /// <summary>The executable on the host; scripts/test-lab.sh says where it is and has started the lab.</summary>
    public static string Executable { get; } = Environment.GetEnvironmentVariable("VFLEET_EXECUTABLE")
        ?? throw new InvalidOperationException("VFLEET_EXECUTABLE is not set: run these tests with `./dev test lab`");

    /// <summary>Runs a program on the host, with another lab where one is named.</summary>
    public static Task<Ended> HostAsync(string? otherLab, params string[] words) => RunAsync(words, null, otherLab);

    /// <summary>Runs a program in the guest.</summary>
    public static Task<Ended> GuestAsync(params string[] arguments) => GuestWithInputAsync(null, arguments);

    /// <summary>Runs a program in the guest with input.</summary>
    public static Task<Ended> GuestWithInputAsync(byte[]? input, params string[] arguments) =>
        RunAsync([Executable, "lab", "run", "--", .. arguments], input, null);

    /// <summary>Runs vfleet in the guest.</summary>
    public static Task<Ended> VfleetAsync(params string[] arguments) => GuestAsync(["/run/vfleet/program/vfleet", .. arguments]);

    /// <summary>Runs vfleet in the guest, expects success, and reads its JSON.</summary>
    public static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        Ended ended = await VfleetAsync([.. arguments, "-o", "json"]);
        Assert.True(ended.ExitCode == 0, $"vfleet {string.Join(' ', arguments)}: {ended.ExitCode}\n{ended.Errors}\n{ended.Output}");
        return JsonDocument.Parse(ended.Output).RootElement;
    }

    /// <summary>Runs a program in the guest and expects success.</summary>
    public static async Task<string> MustAsync(params string[] arguments)
    {
        Ended ended = await GuestAsync(arguments);
        Assert.True(ended.ExitCode == 0, $"{string.Join(' ', arguments)}: {ended.ExitCode}\n{ended.Errors}\n{ended.Output}");
        return ended.Output;
    }

    /// <summary>Calls the CNI plugin in the guest for net1 of a container that is called as its named namespace, and expects success.</summary>
    public static async Task PluginAsync(string command, string space, string config)
    {
        string plugin = Path.Combine(Path.GetDirectoryName(Executable)!, "sriov");
        Ended ended = await GuestWithInputAsync(Encoding.UTF8.GetBytes(config), "env", $"CNI_COMMAND={command}", $"CNI_CONTAINERID={space}",
            "CNI_IFNAME=net1", $"CNI_NETNS=/run/netns/{space}", "CNI_PATH=/usr/lib/cni", plugin);
        Assert.True(ended.ExitCode == 0, $"{command} {space}: {ended.Output}{ended.Errors}");
    }

    /// <summary>What the VFs have and where they are; not their addresses, which igbvf makes up at each probe.</summary>
    public static async Task<string> VfsAsync()
    {
        string[] keys = ["bdf", "driver", "netdev", "namespace", "vlan", "spoofCheck", "trust"];
        return string.Join('\n', (await JsonAsync("vf", "list")).EnumerateArray()
            .Select(vf => string.Join(' ', keys.Select(key => vf.GetProperty(key).ToString()))));
    }

    /// <summary>Starts a program on the host with its streams as pipes.</summary>
    public static Process Start(string[] words, string? otherLab)
    {
        ProcessStartInfo start = new(words[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (string word in words[1..])
            start.ArgumentList.Add(word);
        if (otherLab is not null)
            start.Environment["VFLEET_LAB_DIR"] = otherLab;
        return Process.Start(start)!;
    }

    private static async Task<Ended> RunAsync(string[] words, byte[]? input, string? otherLab)
    {
        using Process process = Start(words, otherLab);
        using CancellationTokenSource late = new(Deadline);
        using MemoryStream output = new();
        Task reading = process.StandardOutput.BaseStream.CopyToAsync(output, late.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(late.Token);
        if (input is not null)
            await process.StandardInput.BaseStream.WriteAsync(input, late.Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(late.Token);
        await reading.WaitAsync(StreamsEnd, late.Token);
        return new Ended(process.ExitCode, output.ToArray(), await errors.WaitAsync(StreamsEnd, late.Token));
    }
}

/// <summary>What a program said and how it ended.</summary>
internal sealed record Ended(int ExitCode, byte[] Bytes, string Errors)
{
    public string Output => Encoding.UTF8.GetString(Bytes);
}
