using System.Diagnostics;
using System.Text.Json;

namespace Vfleet.Lab.Tests;

/// <summary>The running lab, driven through the built executable as a user would.</summary>
internal static class Lab
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>The executable on the host; scripts/test-lab.sh says where it is and has started the lab.</summary>
    public static string Executable { get; } = Environment.GetEnvironmentVariable("VFLEET_EXECUTABLE")
        ?? throw new InvalidOperationException("VFLEET_EXECUTABLE is not set: run these tests with `./dev test lab`");

    /// <summary>Runs vfleet on the host.</summary>
    public static Task<Ended> HostAsync(params string[] arguments) => RunAsync(arguments, null);

    /// <summary>Runs a program in the guest.</summary>
    public static Task<Ended> GuestAsync(params string[] arguments) => RunAsync(["lab", "run", "--", .. arguments], null);

    /// <summary>Runs a program in the guest with input.</summary>
    public static Task<Ended> GuestWithInputAsync(byte[] input, params string[] arguments) => RunAsync(["lab", "run", "--", .. arguments], input);

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

    private static async Task<Ended> RunAsync(string[] arguments, byte[]? input)
    {
        ProcessStartInfo start = new(Executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        using CancellationTokenSource late = new(Deadline);
        using MemoryStream output = new();
        Task reading = process.StandardOutput.BaseStream.CopyToAsync(output, late.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(late.Token);
        if (input is not null)
            await process.StandardInput.BaseStream.WriteAsync(input, late.Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(late.Token);
        await reading;
        return new Ended(process.ExitCode, output.ToArray(), await errors);
    }
}

/// <summary>What a program said and how it ended.</summary>
internal sealed record Ended(int ExitCode, byte[] Bytes, string Errors)
{
    public string Output => System.Text.Encoding.UTF8.GetString(Bytes);
}
