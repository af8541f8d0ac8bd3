namespace Vfleet.Containers.Find;

/// <summary>A container that an engine knows.</summary>
/// <param name="Engine">The engine's name, such as <c>docker</c>.</param>
/// <param name="Name">Its name there; its id where it has none.</param>
/// <param name="Id">Its id.</param>
/// <param name="Process">Its first process, as this machine numbers it; null while it does not run.</param>
public sealed record FoundContainer(string Engine, string Name, string Id, int? Process);
