using System.CommandLine;
using Vfleet.Cli.Commands;
using Vfleet.Cli.Lab;
using Vfleet.Cli.Output;

// The guest's agent starts with the lab and waits for nothing of the command tree.
if (LabCommand.IsGuestAgent(args))
    return await LabCommand.RunGuestAgentAsync(CancellationToken.None).ConfigureAwait(false);
RootCommand root = VfleetCommand.Create();
ParseResult parsed = root.Parse(args);
return parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction
    ? UsageErrors.Report(parsed)
    : await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
