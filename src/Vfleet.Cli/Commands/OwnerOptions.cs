using System.CommandLine;
using System.Globalization;
using Vfleet.Cli.Session;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Ledger;
using Vfleet.Node.Owners;

namespace Vfleet.Cli.Commands;

/// <summary>The options that say whom a VF is for: of <c>allocate</c>, <c>attach</c> and <c>adopt</c>.</summary>
internal sealed class OwnerOptions
{
    private readonly Option<string?> _owner = new("--owner") { Description = "The owner's name in the ledger" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "The tenant's name in the ledger" };
    private readonly Option<string?> _netns = new("--netns") { Description = "Network namespace: a name of `ip netns list`, or a path" };
    private readonly Option<string?> _pid = new("--pid") { Description = "A process, and its network namespace" };

    /// <summary>Adds all of them.</summary>
    public void AddTo(Command command)
    {
        AddNamesTo(command);
        command.Options.Add(_netns);
        command.Options.Add(_pid);
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

    /// <summary>Path of the namespace that was named.</summary>
    /// <returns>Usage where none or two were.</returns>
    public Outcome<string> Namespace(ParseResult parsed)
    {
        (string? netns, string? pid) = (parsed.GetValue(_netns), parsed.GetValue(_pid));
        if (netns is null == pid is null)
            return Fault.Usage("give one of --netns and --pid");
        if (pid is not null)
            return Number(pid).Map(number => string.Create(CultureInfo.InvariantCulture, $"/proc/{number}/ns/net"));
        if (netns!.StartsWith('/'))
            return netns;
        return InterfaceName.CheckNamespace(netns) is { } wrong ? wrong : $"/run/netns/{netns}";
    }

    /// <summary>
    /// The owner: the process or the namespace that was named, so that what it has is taken back when it ends; without either, a name,
    /// which owns until it releases.
    /// </summary>
    public Outcome<Owner> Read(ParseResult parsed, IKernel kernel)
    {
        (string? netns, string? pid) = (parsed.GetValue(_netns), parsed.GetValue(_pid));
        string? name = parsed.GetValue(_owner);
        if (netns is null && pid is null)
            return OwnerIdentity.OfName(name ?? HostSession.User);
        if (!Namespace(parsed).Try(out string? path, out Fault? fault))
            return fault;
        if (pid is not null)
            return Number(pid).Try(out int number, out fault) ? OwnerIdentity.OfProcess(kernel, number, name ?? $"process {pid}") : fault;
        return OwnerIdentity.OfNamespace(kernel, path, name ?? netns!);
    }

    private static Outcome<int> Number(string pid) =>
        int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : Fault.Usage($"--pid \"{pid}\" is not a process id");
}
