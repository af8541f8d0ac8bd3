using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Vfleet.Cli.Output;
using Vfleet.Cli.Session;
using Vfleet.Cli.Views;
using Vfleet.Host;
using Vfleet.Linux;
using Vfleet.Node.Ledger;

namespace Vfleet.Cli.Commands;

/// <summary><c>vfleet ledger list</c>, <c>history</c> and <c>owner</c>: who has which VF, and who had it.</summary>
internal static class LedgerCommands
{
    private const int DefaultLimit = 100;

    private static readonly IReadOnlyList<Column<Row>> Columns =
    [
        new("ID", row => row.Allocation.Id),
        new("VF", row => row.Vf),
        new("POOL", row => row.Allocation.Pool),
        new("STATE", row => row.State),
        new("OWNER", row => row.Allocation.Owner.Name),
        new("TENANT", row => row.Allocation.Tenant),
        new("BY", row => row.Allocation.FrontDoor),
        new("READY", row => Short(row.Allocation.ReadyAt)),
        new("RELEASED", row => Short(row.Allocation.ReleasedAt)),
        new("REASON", row => row.Allocation.Reason, OnlyWide: true),
    ];

    public static Command Create()
    {
        Command ledger = new("ledger", "Who has which VF of this machine, and who had it when");
        ledger.Subcommands.Add(CreateList());
        ledger.Subcommands.Add(CreateHistory());
        ledger.Subcommands.Add(CreateOwner());
        ledger.Subcommands.Add(LedgerFileCommands.CreateExport());
        ledger.Subcommands.Add(LedgerFileCommands.CreateVerify());
        ledger.Subcommands.Add(LedgerFileCommands.CreateRebuild());
        return ledger;
    }

    private static Command CreateList()
    {
        Option<bool> all = new("--all") { Description = "Those that have ended too" };
        Command list = new("list", "List allocations, one line for each of their VFs") { all };
        list.SetAction(parsed => HostSession.RunAsync(parsed, session =>
        {
            bool isAll = parsed.GetValue(all);
            if (!Read<IReadOnlyList<Row>>(session, view => Rows(view, isAll), []).Try(out IReadOnlyList<Row>? rows, out Fault? fault))
                return Task.FromResult<Fault?>(fault);
            session.Output.List(rows, Columns, Json, "no allocations");
            return Task.FromResult<Fault?>(null);
        }));
        return list;
    }

    private static Command CreateHistory()
    {
        Argument<string?> vf = new("VF") { Description = "Only of this VF", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> since = new("--since")
        {
            Description = "Not older than this: a time such as 2026-01-06T14:03, 14:03, \"yesterday 14:03\", \"Tuesday 14:03\"",
        };
        Option<string?> limit = new("--limit") { Description = $"The newest rows, {DefaultLimit} by default" };
        Command history = new("history", "Show what happened, oldest first") { vf, since, limit };
        history.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            if (!Limit(parsed.GetValue(limit)).Try(out int most, out Fault? fault)
                || !Time(session, "--since", parsed.GetValue(since)).Try(out DateTimeOffset? from, out fault)
                || !(await NameAsync(session, parsed.GetValue(vf), cancel).ConfigureAwait(false)).Try(out string? name, out fault)
                || !Read<IReadOnlyList<HistoryRow>>(session, view => view.Recent(most, name, from), [])
                    .Try(out IReadOnlyList<HistoryRow>? rows, out fault))
                return fault;
            session.Output.List(rows, HistoryView.Columns, HistoryView.Json, "nothing happened");
            return null;
        }));
        return history;
    }

    private static Command CreateOwner()
    {
        Argument<string> vf = VfCommands.VfArgument();
        Option<string?> at = new("--at")
        {
            Description = "When: a time such as 2026-01-06T14:03, 14:03, \"yesterday 14:03\", \"Tuesday 14:03\"; now by default",
        };
        Command owner = new("owner", "Tell who has a VF, or had it") { vf, at };
        owner.SetAction((parsed, cancel) => HostSession.RunAsync(parsed, async session =>
        {
            if (!Time(session, "--at", parsed.GetValue(at)).Try(out DateTimeOffset? given, out Fault? fault)
                || !(await NameAsync(session, parsed.GetValue(vf), cancel).ConfigureAwait(false)).Try(out string? name, out fault))
                return fault;
            DateTimeOffset when = given ?? session.Host.Options.Time.GetUtcNow();
            if (!Read(session, view => view.OwnerAt(name!, when), null).Try(out LedgerAllocation? allocation, out fault))
                return fault;
            string text = allocation is null
                ? $"{name}: nobody"
                : $"{name}: {allocation.Owner.Name} ({allocation.Id}, by {allocation.FrontDoor}, from {Short(allocation.RequestedAt)}{(allocation.ReleasedAt is { } end ? $" to {Short(end)}" : "")})";
            session.Output.Done(text, Json(name!, when, allocation));
            return null;
        }));
        return owner;
    }

    /// <summary>Reads the ledger; where there is none yet, nobody had anything.</summary>
    private static Outcome<T> Read<T>(HostSession session, Func<LedgerView, T> read, T none)
    {
        if (!session.Records.Ledger().Try(out NodeLedger? ledger, out Fault? fault))
            return fault;
        return ledger is null ? Outcome<T>.Of(none) : ledger.Read(read);
    }

    /// <summary>A time that was named, and on standard error what was understood by it.</summary>
    private static Outcome<DateTimeOffset?> Time(HostSession session, string option, string? text)
    {
        if (text is null)
            return Outcome<DateTimeOffset?>.Of(null);
        Outcome<DateTimeOffset> read = TimeText.Read(option, text, session.Host.Options.Time);
        if (read.Succeeded)
            Console.Error.WriteLine($"vfleet: {option} {TimeText.Words(read.Value)}");
        return read.Map(time => (DateTimeOffset?)time);
    }

    /// <summary>The name the ledger knows a VF by. One that is gone from the machine is known to the ledger still.</summary>
    private static async Task<Outcome<string?>> NameAsync(HostSession session, string? vf, CancellationToken cancel)
    {
        if (vf is null)
            return Outcome<string?>.Of(null);
        string name = PciAddress.TryParse(vf, out PciAddress address) ? address.ToString() : vf;
        if (Read(session, view => view.Vf(name) is not null || view.Recent(1, name).Count > 0, false).Or(false))
            return name;
        Outcome<VfAmongSiblings> found = await session.Host.FindVfAsync(vf, cancel).ConfigureAwait(false);
        return found.Map(place => (string?)place.Vf.Label);
    }

    private static Outcome<int> Limit(string? text)
    {
        if (text is null)
            return DefaultLimit;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int most) && most > 0
            ? most
            : Fault.Usage($"--limit \"{text}\" is not a number of rows from 1 to {int.MaxValue}");
    }

    private static List<Row> Rows(LedgerView view, bool isAll)
    {
        Dictionary<string, LedgerVf> vfs = view.Vfs().ToDictionary(vf => vf.Vf, StringComparer.Ordinal);
        return [.. from allocation in isAll ? view.Allocations() : view.OpenAllocations()
                   from vf in allocation.Vfs
                   let row = vfs.GetValueOrDefault(vf.Vf)
                   // A VF may be with its next owner, or gone, while the allocation goes on with its others.
                   let isIts = allocation.ReleasedAt is null && row?.Allocation == allocation.Id
                   select new Row(allocation, vf.Vf, isIts ? AllocationView.Word(row!.State)! : "released")];
    }

    private static JsonObject Json(Row row) => new()
    {
        ["id"] = row.Allocation.Id,
        ["vf"] = row.Vf,
        ["pool"] = row.Allocation.Pool,
        ["state"] = row.State,
        ["owner"] = row.Allocation.Owner.Name,
        ["tenant"] = row.Allocation.Tenant,
        ["frontDoor"] = row.Allocation.FrontDoor,
        ["requestedAt"] = AllocationView.Time(row.Allocation.RequestedAt),
        ["readyAt"] = AllocationView.Time(row.Allocation.ReadyAt),
        ["releasedAt"] = AllocationView.Time(row.Allocation.ReleasedAt),
        ["reason"] = row.Allocation.Reason,
    };

    private static JsonObject Json(string vf, DateTimeOffset at, LedgerAllocation? allocation) => new()
    {
        ["vf"] = vf,
        ["at"] = AllocationView.Time(at),
        ["owner"] = allocation?.Owner.Name,
        ["tenant"] = allocation?.Tenant,
        ["allocation"] = allocation?.Id,
        ["pool"] = allocation?.Pool,
        ["frontDoor"] = allocation?.FrontDoor,
        ["requestedAt"] = AllocationView.Time(allocation?.RequestedAt),
        ["readyAt"] = AllocationView.Time(allocation?.ReadyAt),
        ["releasedAt"] = AllocationView.Time(allocation?.ReleasedAt),
        ["reason"] = allocation?.Reason,
    };

    private static string? Short(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private sealed record Row(LedgerAllocation Allocation, string Vf, string State);
}
