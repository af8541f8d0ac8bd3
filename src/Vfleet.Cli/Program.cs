using Vfleet.Cli.Commands;
using Vfleet.Cli.Lab;
using Vfleet.Cli.Run;
using Vfleet.Linux.Real;

ClosedStreams.Fill();

if (ChildStart.IsOne(args))
    return ChildStart.Become(args);

// The guest's agent starts with the lab and waits for nothing of the command tree.
Task<int> run = LabCommand.IsGuestAgent(args) ? LabCommand.RunGuestAgentAsync(CancellationToken.None) : CommandLine.RunAsync(args);

// An awaited end would have this thread spin before it sleeps, and the runtime measure first how fast it spins: longer than many a command takes.
_ = ((IAsyncResult)run).AsyncWaitHandle.WaitOne();
return run.GetAwaiter().GetResult();
