using System.CommandLine;
using System.Text.Json.Nodes;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Telemetry.Objectives;
using Vfleet.Telemetry.Rules;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet slo</c></summary>
internal static class SloCommand
{
    public static Command Create()
    {
        Command slo = new("slo", "Service level objectives");
        slo.Subcommands.Add(CreateGenerate());
        return slo;
    }

    private static Command CreateGenerate()
    {
        Argument<string?> file = new("FILE")
        {
            Description = "Objectives, Vfleet's own or OpenSLO's; - for standard input. Those that come with Vfleet where it is missing",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> folder = FolderOption($"Write {SloRules.FileName} into this folder instead of printing it");
        Option<bool> unknown = new("--allow-unknown-metrics") { Description = "Take metrics that Vfleet does not tell" };
        Command generate = new("generate", "Make Prometheus's rules and alerts of objectives") { file, folder, unknown };
        generate.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            string? directory = parsed.GetValue(folder);
            if (directory is null && !session.Output.IsForPeople)
                return Fault.Usage("rules have a format of their own", "leave -o out, or write them with --write", session.Output.Format);
            if (!(await ReadAsync(parsed.GetValue(file), cancel).ConfigureAwait(false)).Try(out var text, out Fault? fault))
                return fault;
            ObjectiveSet set = ObjectiveReader.Read(text.Source, text.Text, parsed.GetValue(unknown));
            if (!DocumentFiles.Tell(set.Problems, set.Notes))
                return Fault.Usage("the objectives cannot be used", "correct them; no rule was made", text.Source);
            string rules = SloRules.Write(set.Objectives);
            if (directory is null)
            {
                Console.Out.Write(rules);
                return null;
            }
            if (!GeneratedFiles.Write(directory, [(SloRules.FileName, rules)]).Try(out IReadOnlyList<string>? written, out fault))
                return fault;
            session.Output.Done($"{written[0]} holds the rules of {set.Objectives.Count} objectives",
                new JsonObject { ["path"] = written[0], ["objectives"] = set.Objectives.Count });
            return null;
        }));
        return generate;
    }

    /// <summary>Where what is made is written.</summary>
    public static Option<string?> FolderOption(string description) => new("--write") { Description = description, HelpName = "DIR" };

    private static async Task<Outcome<(string Source, string Text)>> ReadAsync(string? file, CancellationToken cancel)
    {
        if (file is null)
            return (DefaultObjectives.Source, DefaultObjectives.Text);
        if (Directory.Exists(file))
            return Fault.Usage($"{file} is a directory", "name a file", file);
        return (await DocumentFiles.ReadAsync([file], cancel).ConfigureAwait(false)).Map(texts => texts[0]);
    }
}
