using System.CommandLine;
using System.Globalization;
using Vfleet.Cli.Session;
using Vfleet.Containers.Find;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Cli.Commands;

/// <summary>Whom a VF is for.</summary>
/// <param name="Owner">The owner.</param>
/// <param name="NamespacePath">Path of the network namespace that was named; null for an owner that is a name only.</param>
internal sealed record OwnerPlace(Owner Owner, string? NamespacePath);

/// <summary>The options that say whom a VF is for: of <c>allocate</c>, <c>attach</c>, <c>run</c> and <c>adopt</c>.</summary>
internal sealed class OwnerOptions
{
    private readonly Option<string?> _owner = new("--owner") { Description = "The owner's name in the ledger" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "The tenant's name in the ledger" };
    private readonly Option<string?> _netns = new("--netns") { Description = "Network namespace: a name of `ip netns list`, or a path" };
    private readonly Option<string?> _pid = new("--pid") { Description = "A process, and its network namespace" };
    private readonly Option<string?> _container = new("--container")
    {
        Description = "A running container by name or id, and its network namespace; docker:, podman:, containerd: or nspawn: before it names the engine",
    };

    /// <summary>Adds all of them.</summary>
    public void AddTo(Command command)
    {
        AddNamesTo(command);
        command.Options.Add(_netns);
        command.Options.Add(_pid);
        command.Options.Add(_container);
    }

    /// <summary>Adds those of an owner that is a name only.</summary>
    public void AddNamesTo(Command command)
    {
        command.Options.Add(_owner);
        command.Options.Add(_tenant);
    }

    /// <summary>The owner's name as given; null where it was not.</summary>
    public string? Name(ParseResult parsed) => parsed.GetValue(_owner);

    /// <summary>The tenant; null where none was given.</summary>
    public string? Tenant(ParseResult parsed) => parsed.GetValue(_tenant);

    /// <summary>
    /// The owner: the process or the namespace that was named, so that what it has is taken back when it ends; a container is its namespace.
    /// Without one of them, a name, which owns until it releases.
    /// </summary>
    /// <returns>Usage where several were named.</returns>
    public async Task<Outcome<OwnerPlace>> FindAsync(ParseResult parsed, HostSession session, CancellationToken cancel)
    {
        (string? netns, string? pid, string? container) = (parsed.GetValue(_netns), parsed.GetValue(_pid), parsed.GetValue(_container));
        string? name = parsed.GetValue(_owner);
        if (new[] { netns, pid, container }.Count(each => each is not null) > 1)
            return Fault.Usage("give one of --netns, --pid and --container");
        if (container is not null)
        {
            Outcome<FoundContainer> found = await session.Containers.FindAsync(container, cancel).ConfigureAwait(false);
            return found.Try(out FoundContainer? its, out Fault? fault)
                ? OfNamespace(session.Kernel, PathOf(its.Process!.Value), name ?? its.Name)
                : fault;
        }
        if (pid is not null)
        {
            return Number(pid).Try(out int number, out Fault? fault)
                ? OwnerIdentity.OfProcess(session.Kernel, number, name ?? $"process {pid}").Map(owner => new OwnerPlace(owner, PathOf(number)))
                : fault;
        }
        if (netns is null)
            return OwnerIdentity.OfName(name ?? HostSession.User).Map(owner => new OwnerPlace(owner, null));
        if (netns.StartsWith('/'))
            return OfNamespace(session.Kernel, netns, name ?? netns);
        return InterfaceName.CheckNamespace(netns) is { } wrong ? wrong : OfNamespace(session.Kernel, $"/run/netns/{netns}", name ?? netns);
    }

    private static Outcome<OwnerPlace> OfNamespace(IKernel kernel, string path, string name) =>
        OwnerIdentity.OfNamespace(kernel, path, name).Map(owner => new OwnerPlace(owner, path));

    private static string PathOf(int process) => string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/ns/net");

    private static Outcome<int> Number(string pid) =>
        int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : Fault.Usage($"--pid \"{pid}\" is not a process id");
}
