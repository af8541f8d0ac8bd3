using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Vfleet.Node.Ledger;

/// <summary>
/// Who owns which VF on this machine: one SQLite file that every front door opens for itself. A change is durable before it is acknowledged, and
/// two processes never change it at once. Safe for concurrent use.
/// </summary>
public sealed class NodeLedger : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LedgerConnection _connection;
    private readonly LedgerOptions _options;
    private readonly Actor _actor;

    private NodeLedger(LedgerConnection connection, LedgerOptions options, Actor actor)
    {
        _connection = connection;
        _options = options;
        _actor = actor;
    }

    /// <summary>Where it is.</summary>
    public string Path => _options.Path;

    /// <summary>Who changes it through this object.</summary>
    public Actor Actor => _actor;

    /// <summary>Told the name of each change before and after it becomes durable; for tests that end the process there.</summary>
    public Action<string>? Stepped { get; init; }

    /// <summary>Opens the ledger; makes it where there is none, and migrates an older one.</summary>
    public static Outcome<NodeLedger> Open(LedgerOptions options, Actor actor, Action<string>? stepped = null) =>
        LedgerConnection.Open(options).Map(connection => new NodeLedger(connection, options, actor) { Stepped = stepped });

    /// <summary>Reads what belongs together in one transaction.</summary>
    public Outcome<T> Read<T>(Func<LedgerView, T> read) => Run(() =>
    {
        using LedgerTransaction transaction = _connection.Begin(writes: false);
        return Outcome<T>.Of(read(new LedgerView(_connection)));
    });

    /// <summary>Changes the ledger, whole or not at all.</summary>
    /// <param name="step">Name of the change, one of <see cref="LedgerStep"/>.</param>
    /// <param name="change">What to do; a fault undoes all of it.</param>
    public Outcome<T> Change<T>(string step, Func<LedgerChange, Outcome<T>> change)
    {
        Stepped?.Invoke($"before {step}");
        Outcome<T> result = Run(() =>
        {
            using LedgerTransaction transaction = _connection.Begin(writes: true);
            Outcome<T> done = change(new LedgerChange(_connection, _actor, _options.Time.GetUtcNow()));
            if (done.Succeeded)
                transaction.Commit();
            return done;
        });
        if (result.Succeeded)
            Stepped?.Invoke($"after {step}");
        return result;
    }

    /// <summary>What a change would come to; nothing of it is kept.</summary>
    /// <param name="change">What would be done.</param>
    public Outcome<T> Rehearse<T>(Func<LedgerChange, Outcome<T>> change) => Run(() =>
    {
        using LedgerTransaction transaction = _connection.Begin(writes: true);
        return change(new LedgerChange(_connection, _actor, _options.Time.GetUtcNow()));
    });

    /// <summary>A change that cannot be refused but by the disk.</summary>
    public Outcome<Unit> Change(string step, Action<LedgerChange> change) => Change(step, open =>
    {
        change(open);
        return Outcome<Unit>.Of(Unit.Done);
    });

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private Outcome<T> Run<T>(Func<Outcome<T>> work)
    {
        lock (_gate)
        {
            try
            {
                return work();
            }
            catch (SqliteException e)
            {
                // SQLite's only way to refuse; the transaction was rolled back when it was disposed.
                return LedgerErrors.Describe(e, _options.Path);
            }
            catch (JsonException e)
            {
                // A column that is no record any more: guessing its content could give a VF away twice.
                return LedgerErrors.Damaged(e.Message, _options.Path);
            }
        }
    }
}
