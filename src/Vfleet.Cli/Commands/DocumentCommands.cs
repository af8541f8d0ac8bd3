using System.CommandLine;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Linux;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Plans;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet get</c> and <c>vfleet delete</c>: the documents that are applied.</summary>
internal static class DocumentCommands
{
    public static Command CreateGet()
    {
        Argument<string?> kind = KindArgument(), name = NameArgument();
        Command get = new("get", "Show the documents that are applied") { kind, name };
        get.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, session =>
            Task.FromResult(Get(session, parsed.GetValue(kind), parsed.GetValue(name)))));
        return get;
    }

    public static Command CreateDelete()
    {
        Argument<string?> kind = KindArgument(), name = NameArgument();
        Option<bool> prune = new("--prune") { Description = "Remove the VFs that no document wants any more" };
        Command delete = new("delete", "Forget documents; VFs stay unless they are pruned")
        {
            kind, name, DocumentFiles.Option, prune, GlobalOptions.DryRun,
        };
        delete.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            bool isDry = parsed.GetValue(GlobalOptions.DryRun);
            if (!(isDry ? session.NodeToLookAt() : session.Node()).Try(out LocalNode? node, out Fault? fault))
                return fault;
            NodePolicies policies = new(node);
            string[] files = parsed.GetValue(DocumentFiles.Option) ?? [];
            if (!(await FindAsync(policies, parsed.GetValue(kind), parsed.GetValue(name), files, cancel).ConfigureAwait(false)).Try(out DocumentUpdate? update, out fault))
                return fault;
            Outcome<IDisposable?> alone = isDry ? Outcome<IDisposable?>.Of(null)
                : (await policies.KeepAgentsOutAsync(cancel).ConfigureAwait(false)).Map(held => (IDisposable?)held);
            if (alone.Fault is { } late)
                return late;
            using IDisposable? held = alone.Value;
            if (!isDry && (await policies.FinishAsync(cancel).ConfigureAwait(false)).Fault is { } unfinished)
                return unfinished;
            Outcome<PolicyChange> planned = await policies.PlanAsync(update, parsed.GetValue(prune), cancel).ConfigureAwait(false);
            if (!planned.Try(out PolicyChange? change, out fault))
                return fault;
            if (isDry)
                PolicyCommands.Show(session, change);
            if (isDry || change.Refusal(force: false) is not null)
                return change.Refusal(force: false);
            return await PolicyCommands.CarryOutAsync(session, policies, change, "delete", force: false, cancel).ConfigureAwait(false);
        }));
        return delete;
    }

    private static Argument<string?> KindArgument() => new("KIND")
    {
        Description = $"Kind of document: {string.Join(", ", KeptDocument.Kinds)}",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static Argument<string?> NameArgument() => new("NAME") { Description = "Name of the document", Arity = ArgumentArity.ZeroOrOne };

    private static Fault? Get(HostSession session, string? kind, string? name)
    {
        if (!session.NodeToLookAt().Try(out LocalNode? node, out Fault? fault)
            || !new NodePolicies(node).Applied().Try(out IReadOnlyList<LedgerDocument>? applied, out fault)
            || !Choose(applied, kind, name).Try(out IReadOnlyList<LedgerDocument>? chosen, out fault))
            return fault;
        if (session.Output.Format == OutputFormat.Yaml)
            PrintYaml(chosen);
        else
            session.Output.List(chosen, DocumentView.Columns, DocumentView.Json, "no documents are applied; see `vfleet apply`");
        return null;
    }

    /// <summary>
    /// The documents themselves, as `vfleet apply -f -` takes them. A configuration is a file of its own and cannot stand among others.
    /// </summary>
    private static void PrintYaml(IReadOnlyList<LedgerDocument> documents)
    {
        LedgerDocument[] shown = [.. documents.Where(each => documents.Count == 1 || each.Kind != NodeDefinitions.DevicePluginKind)];
        Console.Out.Write(string.Join("---\n", shown.Select(each => each.Text.EndsWith('\n') ? each.Text : $"{each.Text}\n")));
        foreach (LedgerDocument left in documents.Except(shown))
        {
            string name = PlainText.Of(left.Name);
            Console.Error.WriteLine($"vfleet: note: {left.Kind}/{name} is a file of its own: `vfleet get {left.Kind} {name} -o yaml`");
        }
    }

    private static Outcome<IReadOnlyList<LedgerDocument>> Choose(IReadOnlyList<LedgerDocument> applied, string? kind, string? name)
    {
        if (kind is null)
            return Outcome<IReadOnlyList<LedgerDocument>>.Of(applied);
        if (!KeptDocument.FindKind(kind).Try(out string? exact, out Fault? fault))
            return fault;
        LedgerDocument[] ofKind = [.. applied.Where(document => document.Kind == exact)];
        if (name is null)
            return ofKind;
        LedgerDocument[] named = [.. ofKind.Where(document => document.Name == name)];
        return named.Length > 0
            ? named
            : Fault.NotFound($"no document {exact}/{name} is applied",
                ofKind.Length == 0
                    ? $"there is none of kind {exact}" : $"known: {string.Join(", ", ofKind.Select(each => each.Name))}", name);
    }

    private static async Task<Outcome<DocumentUpdate>> FindAsync(
        NodePolicies policies, string? kind, string? name, string[] files, CancellationToken cancel)
    {
        if (files.Length == 0 && (kind is null || name is null))
            return Fault.Usage("no document was named", "write KIND NAME, or name files with -f");
        if (files.Length > 0 && kind is not null)
            return Fault.Usage("KIND NAME and -f exclude each other", "write one of them");
        if (!policies.Applied().Try(out IReadOnlyList<LedgerDocument>? applied, out Fault? fault))
            return fault;
        if (kind is not null)
            return Choose(applied, kind, name).Map(found =>
                DocumentUpdate.Without([.. DocumentUpdate.Kept(found).Select(each => each.Label)], applied));
        if (!(await DocumentFiles.ReadAsync(files, cancel).ConfigureAwait(false)).Try(out IReadOnlyList<(string Source, string Text)>? texts, out fault))
            return fault;
        // Alone: what is to go need not fit to what is applied.
        DocumentUpdate given = DocumentUpdate.Of(texts, []);
        if (!DocumentFiles.Tell(given))
            return Fault.Usage("the documents cannot be read", "correct them, or write KIND NAME; nothing was changed");
        if (DocumentFiles.Empty(given, files) is { } nothing)
            return nothing;
        string[] labels = [.. given.Deltas.Select(delta => delta.Document.Label)];
        foreach (string absent in labels.Where(label => !applied.Any(each => $"{each.Kind}/{each.Name}" == label)))
            Console.Error.WriteLine($"vfleet: note: {PlainText.Of(absent)} is not applied");
        return DocumentUpdate.Without(labels, applied);
    }
}
