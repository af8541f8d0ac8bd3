namespace Vfleet.Cli.Tests;

/// <summary>A test that needs a program of the search path; elsewhere it is skipped and says so.</summary>
public sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(string program)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        Skip = Array.Exists(folders, folder => File.Exists(Path.Combine(folder, program))) ? null : $"needs {program}";
    }
}
