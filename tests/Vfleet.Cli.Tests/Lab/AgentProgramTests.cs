using Vfleet.Cli.Lab;

namespace Vfleet.Cli.Tests.Lab;

public sealed class AgentProgramTests
{
    /// <summary>The ledger's library is not beside the program but in a folder of its own, and the guest has only what is copied.</summary>
    [Fact]
    public async Task Unit_the_copy_runs_by_itself_with_the_library_of_the_ledger()
    {
        string place = Directory.CreateTempSubdirectory("vfleet-test-").FullName;
        try
        {
            AgentProgram program = AgentProgram.OfThisProcess();
            program.CopyTo(Path.Combine(place, "program"));
            string[] words = [program.Runner, Path.Combine(place, "program", program.Entry), "--host", "sim:igb", "pool", "list"];
            CommandRun run = await CommandProcess.RunAsync([.. words.Where(word => word.Length > 0)]);
            Assert.True(run.ExitCode == 0, run.Errors);
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }
}
