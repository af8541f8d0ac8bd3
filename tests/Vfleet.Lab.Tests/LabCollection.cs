// One lab: its devices are shared, so its tests take turns.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
