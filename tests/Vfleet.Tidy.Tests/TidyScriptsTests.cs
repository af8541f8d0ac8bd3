using System.Diagnostics;

namespace Vfleet.Tidy.Tests;

/// <summary>The entry scripts, run in a copy of the repository's skeleton where building is only pretended.</summary>
public sealed class TidyScriptsTests : IDisposable
{
    private const string PretendedBuild = """
        build_out() {
            echo "builder's words"
            mkdir -p "$out"
            printf '#!/bin/sh\necho "ran:$*"\nexit 7\n' >"$out/vfleet"
            chmod +x "$out/vfleet"
            echo built >>"$root/builds"
        }
        """;

    private readonly string _copy = Directory.CreateTempSubdirectory("vfleet-test-").FullName;

    public TidyScriptsTests()
    {
        foreach (string path in (string[])["vfleet", "dev", ".ci/run", "scripts/common.sh"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_copy, path))!);
            File.Copy(Path.Combine(Repository.Root, path), Path.Combine(_copy, path));
        }

        foreach (string folder in (string[])["src", "lab"])
            Directory.CreateDirectory(Path.Combine(_copy, folder));
        Write("Directory.Build.props", "");
        Write("src/A.cs", "");
        Write("scripts/build.sh", PretendedBuild);
        Write("scripts/test.sh", "run_tests() { echo \"tested:$*\"; }");
    }

    public void Dispose() => Directory.Delete(_copy, recursive: true);

    [Fact]
    public void Vfleet_builds_what_is_missing_or_old_and_runs_it()
    {
        (int code, string output, string errors) = Run("vfleet", "pf", "list");
        Assert.Equal((7, "ran:pf list\n", "builder's words\n"), (code, output, errors));
        Assert.Equal("", Run("vfleet").Errors);

        File.SetLastWriteTimeUtc(Path.Combine(_copy, "src/A.cs"), DateTime.UtcNow.AddMinutes(1));
        Assert.Equal("builder's words\n", Run("vfleet").Errors);
        Assert.Equal(2, File.ReadAllLines(Path.Combine(_copy, "builds")).Length);
    }

    [Fact]
    public void Dev_build_leaves_the_executable_in_out()
    {
        Assert.Equal(0, Run("dev", "build").Code);
        Assert.True(File.Exists(Path.Combine(_copy, "out/vfleet")));
        // The real build's last step, and what it makes of the pretended one's place.
        Assert.Contains("mv \"$staging\" \"$out\"", Repository.Text("scripts/build.sh"), StringComparison.Ordinal);
    }

    [Fact]
    public void Continuous_integration_runs_every_test()
    {
        (int code, string output, _) = Run(".ci/run");

        Assert.Equal((0, "tested:\n"), (code, output));
    }

    [Fact]
    public void The_contract_is_held_against_both_kernels()
    {
        // On the simulated one with the unit tier, which takes every project but the lab's; on the real one in the guest.
        string onHost = Repository.Text("scripts/test.sh"), inGuest = Repository.Text("scripts/test-lab.sh");
        Assert.Contains("run_projects unit 'FullyQualifiedName!~.Kernel' \"${host_projects[@]}\"", onHost, StringComparison.Ordinal);
        Assert.Contains("run_in_guest Vfleet.Contract.Tests '' VFLEET_CONTRACT_KERNEL=linux", inGuest, StringComparison.Ordinal);
    }

    private void Write(string path, string text) => File.WriteAllText(Path.Combine(_copy, path), text);

    private (int Code, string Output, string Errors) Run(string script, params string[] arguments)
    {
        ProcessStartInfo start = new("bash") { WorkingDirectory = "/", RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(_copy, script));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
