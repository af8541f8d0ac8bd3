namespace Vfleet.Containers.Find;

/// <summary>What runs containers.</summary>
public interface IContainerEngine
{
    /// <summary>Its name, as people write it before a container's: <c>docker</c> in <c>docker:web</c>.</summary>
    string Name { get; }

    /// <summary>The containers of a name, or of an id that begins with it.</summary>
    /// <param name="name">1 to 128 letters, digits and <c>_ . -</c>; begins with a letter or digit.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>None where it knows none; a fault where it cannot be asked, NotFound where it is not on this machine.</returns>
    Task<Outcome<IReadOnlyList<FoundContainer>>> FindAsync(string name, CancellationToken cancel);
}
