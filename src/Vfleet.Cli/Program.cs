using Vfleet.Cli.Commands;
using Vfleet.Cli.Lab;
using Vfleet.Linux.Real;

ClosedStreams.Fill();

// The guest's agent starts with the lab and waits for nothing of the command tree.
if (LabCommand.IsGuestAgent(args))
    return await LabCommand.RunGuestAgentAsync(CancellationToken.None).ConfigureAwait(false);
return await CommandLine.RunAsync(args).ConfigureAwait(false);
