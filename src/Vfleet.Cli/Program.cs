using System.CommandLine;
using Vfleet.Cli.Commands;
using Vfleet.Cli.Output;

RootCommand root = VfleetCommand.Create();
ParseResult parsed = root.Parse(args);
return parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction
    ? UsageErrors.Report(parsed)
    : await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
