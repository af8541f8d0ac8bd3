namespace Vfleet.Simulation.Nodes;

/// <summary>A simulated process ended in the middle of something. The product knows no such exception, so nothing of it goes on.</summary>
internal sealed class ProcessDiedException() : Exception("the simulated process died here");
