using System.Globalization;
using Vfleet.Host.Inventory;
using Vfleet.Node;
using Vfleet.Node.Ledger;
using Vfleet.Node.Release;

namespace Vfleet.Simulation.Nodes;

/// <summary>What two callers do at once.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Prepare">Makes the machine they meet on.</param>
/// <param name="Callers">Their work; each tells the model what it was told, and returns its result in a word.</param>
internal sealed record Encounter(
    string Name, Func<NodeModel, Task<NodeWorld>> Prepare, IReadOnlyList<Func<NodeWorld, NodeModel, LocalNode, Task<string>>> Callers);

/// <summary>What an exploration saw.</summary>
/// <param name="States">Different states of machine, ledger and callers.</param>
/// <param name="Schedules">Orders of steps that were carried out to their end, or to a state that was known.</param>
/// <param name="Violation">What was broken first; null where everything held.</param>
/// <param name="Trace">The order of steps that broke it.</param>
internal sealed record Exploration(int States, int Schedules, NodeViolation? Violation, IReadOnlyList<string> Trace);

/// <summary>
/// Carries out every order of the steps of a few callers, with a death of each at every step, and checks the invariants in every state. Orders that
/// lead to a state that was seen, with callers who saw the same, are not carried on: from there everything is as it was.
/// </summary>
internal sealed class InterleavingExplorer
{
    private readonly Encounter _encounter;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Stack<(int Caller, bool Dies)[]> _open = new();
    private int _schedules;

    private InterleavingExplorer(Encounter encounter) => _encounter = encounter;

    /// <summary>Explores an encounter to its end.</summary>
    public static async Task<Exploration> ExploreAsync(Encounter encounter, CancellationToken cancel = default)
    {
        InterleavingExplorer explorer = new(encounter);
        explorer._open.Push([]);
        while (explorer._open.TryPop(out (int Caller, bool Dies)[]? order))
        {
            cancel.ThrowIfCancellationRequested();
            using Scene scene = await Scene.MakeAsync(encounter).ConfigureAwait(false);
            if (await explorer.FollowAsync(scene, order).ConfigureAwait(false) is { } violation)
                return new Exploration(explorer._seen.Count, explorer._schedules, violation, scene.Trace);
        }
        return new Exploration(explorer._seen.Count, explorer._schedules, null, []);
    }

    private async Task<NodeViolation?> FollowAsync(Scene scene, (int Caller, bool Dies)[] order)
    {
        _schedules++;
        foreach ((int caller, bool dies) in order)
            await scene.StepAsync(caller, dies).ConfigureAwait(false);
        List<(int Caller, bool Dies)> way = [.. order];
        while (_seen.Add(scene.State()))
        {
            if (await scene.CheckAsync(isAtRest: false).ConfigureAwait(false) is { } broken)
                return broken;
            (int Caller, bool Dies)[] next = scene.Next();
            if (next.Length == 0)
                return await scene.RestAsync().ConfigureAwait(false);
            foreach ((int Caller, bool Dies) other in next.Skip(1))
                _open.Push([.. way, other]);
            way.Add(next[0]);
            await scene.StepAsync(next[0].Caller, next[0].Dies).ConfigureAwait(false);
        }
        return null;
    }

    /// <summary>One machine with its callers, on which one order is carried out.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly NodeModel _model = new();
        private readonly List<string> _trace = [];
        private NodeWorld _world = null!;
        private NodeLedger _watcher = null!;
        private CheckpointSigner _signer = null!;
        private ScheduledCaller[] _callers = [];

        public IReadOnlyList<string> Trace => _trace;

        public static async Task<Scene> MakeAsync(Encounter encounter)
        {
            Scene scene = new();
            scene._world = await encounter.Prepare(scene._model).ConfigureAwait(false);
            scene._watcher = NodeLedger.Open(scene._world.Ledger, new Actor("watcher", null, null)).Value;
            scene._signer = CheckpointSigner.Open(scene._world.Ledger).Value;
            scene._callers = [.. encounter.Callers.Select(_ => new ScheduledCaller(scene._world))];
            for (int i = 0; i < scene._callers.Length; i++)
            {
                Func<NodeWorld, NodeModel, LocalNode, Task<string>> work = encounter.Callers[i];
                await scene._callers[i].BeginAsync(node => work(scene._world, scene._model, node)).ConfigureAwait(false);
                scene.Note(i);
            }
            return scene;
        }

        /// <summary>What may come next: each caller that has not ended goes on, or dies.</summary>
        public (int Caller, bool Dies)[] Next() =>
        [
            .. Enumerable.Range(0, _callers.Length).Where(i => !_callers[i].IsDone).Select(i => (i, false)),
            .. Enumerable.Range(0, _callers.Length).Where(i => !_callers[i].IsDone).Select(i => (i, true)),
        ];

        public async Task StepAsync(int caller, bool dies)
        {
            ulong view = Hash(Public());
            await _callers[caller].GoAsync(view, dies).ConfigureAwait(false);
            if (_callers[caller] is { IsDone: true, IsDead: true } dead)
                _world.Machine.EndProcess(dead.Process.Pid);
            Note(caller);
        }

        /// <summary>Machine, ledger, and where the callers stand with what they saw.</summary>
        public string State() => string.Create(CultureInfo.InvariantCulture,
            $"{Public()}\n{string.Join('\n', _callers.Select(caller => $"{caller.At} {caller.IsDead} {(caller.IsDone ? 0 : caller.Seen)}"))}");

        public async Task<NodeViolation?> CheckAsync(bool isAtRest)
        {
            foreach (NodeViolation wrong in _model.Check(_world, _watcher, isAtRest))
                return wrong;
            MachineInventory machine = (await _world.ReadAsync().ConfigureAwait(false)).Value;
            IReadOnlyList<NodeViolation> found = NodeInvariants.Check(machine, _watcher, _signer, new NodeMoment { IsAtRest = isAtRest, ChangedByHand = _model.ChangedByHand }).Value;
            return found.Count == 0 ? null : found[0];
        }

        /// <summary>A fresh process puts right what the callers left.</summary>
        public async Task<NodeViolation?> RestAsync()
        {
            _trace.Add("a fresh process reclaims");
            foreach (ScheduledCaller caller in _callers)
                _world.Machine.EndProcess(caller.Process.Pid);
            using NodeProcess fresh = _world.Start().Value;
            Fault? fault = (await fresh.Node.ReclaimAsync().ConfigureAwait(false)).Fault
                ?? (await fresh.Node.Census.TakeAsync(isThorough: true).ConfigureAwait(false)).Fault
                ?? await LeftAsync(fresh).ConfigureAwait(false);
            return fault is null
                ? await CheckAsync(isAtRest: true).ConfigureAwait(false)
                : new NodeViolation("liveness", $"a fresh process does not come to rest: {fault.Error}");
        }

        private static async Task<Fault?> LeftAsync(NodeProcess fresh)
        {
            Outcome<ReclaimReport> again = await fresh.Node.ReclaimAsync().ConfigureAwait(false);
            return again.Fault ?? (again.Value.Left.Count == 0 ? null : again.Value.Left[0]);
        }

        public void Dispose()
        {
            foreach (ScheduledCaller caller in _callers)
            {
                // Whoever still stands somewhere is let go with the machine.
                caller.EndAsync().GetAwaiter().GetResult();
                caller.Dispose();
            }
            _watcher.Dispose();
            _world.Dispose();
        }

        private void Note(int caller) => _trace.Add($"{caller}: {_callers[caller].At}");

        private string Public()
        {
            (IReadOnlyList<LedgerVf> vfs, IReadOnlyList<LedgerAllocation> open) =
                _watcher.Read(view => (view.Vfs(), view.OpenAllocations())).Value;
            return string.Join('\n',
            [
                _world.Describe(),
                .. vfs.Select(row => $"{row.Vf} {row.State} {row.Allocation} {row.Worker?.ProcessId} {row.Record?.NamespacePath} {row.Stranger} {row.Held is null} {row.Evidence}"),
                .. open.Select(each => $"{each.Id} {each.Owner.Name} {each.ReadyAt is null} {each.Vfs.Count}"),
            ]);
        }

        /// <summary>FNV-1a (Fowler, Noll and Vo).</summary>
        private static ulong Hash(string text) => text.Aggregate(14_695_981_039_346_656_037, (sum, letter) => unchecked((sum ^ letter) * 1_099_511_628_211));
    }
}
