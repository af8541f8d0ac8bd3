using System.CommandLine;
using System.Globalization;
using Vfleet.Cli.Session;
using Vfleet.Host.Settings;
using Vfleet.Linux;
using Vfleet.Linux.Route;
using Vfleet.Node.Allocation;
using Vfleet.Node.Attach;
using Vfleet.Node.Ledger;

namespace Vfleet.Cli.Commands;

/// <summary>The options of a VF that goes into a network namespace, and of how it is there: of <c>attach</c> and <c>run</c>.</summary>
internal sealed class AttachOptions
{
    private readonly Option<string?> _pool = new("--pool") { Description = "Any free VF of this pool, instead of a VF that is named" };
    private readonly Option<string> _name = new("--name") { Description = "Interface name there", DefaultValueFactory = _ => "eth0" };
    private readonly Option<string[]> _addresses =
        new("--address") { Description = "Address with prefix length, such as 192.0.2.7/24; may be repeated" };
    private readonly Option<string?> _mtu = new("--mtu") { Description = "MTU in bytes" };
    private readonly SettingsOptions _settings = new();

    /// <summary>Adds them.</summary>
    public void AddTo(Command command)
    {
        Option[] all = [_pool, _name, _addresses, _mtu, GlobalOptions.DryRun, GlobalOptions.Force];
        foreach (Option option in all)
            command.Options.Add(option);
        _settings.AddTo(command);
    }

    /// <summary>How the VF should be, in a namespace that is still to be named.</summary>
    /// <returns>Usage with what is wrong with the first bad option.</returns>
    public Outcome<AttachOrder> ReadOrder(ParseResult parsed)
    {
        if (!_settings.Read(parsed).Try(out VfSettings? wanted, out Fault? fault)
            || !Addresses(parsed.GetValue(_addresses) ?? []).Try(out IReadOnlyList<IPNetworkAddress>? list, out fault)
            || !Mtu(parsed.GetValue(_mtu)).Try(out int? bytes, out fault))
            return fault;
        return new AttachOrder
        {
            NamespacePath = "",
            InterfaceName = parsed.GetValue(_name)!,
            Addresses = list,
            Mtu = bytes,
            Settings = wanted,
            Force = parsed.GetValue(GlobalOptions.Force),
        };
    }

    /// <summary>Which VF, and for whom.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="vf">A VF that was named; else the pool tells.</param>
    /// <param name="order">How it should be.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="tenant">The tenant.</param>
    public AllocationRequest ReadRequest(ParseResult parsed, string? vf, AttachOrder order, Owner owner, string? tenant) => new()
    {
        Pool = parsed.GetValue(_pool),
        Vf = vf,
        Owner = owner,
        Tenant = tenant,
        // Of a VF that is named the driver says what it can; of a pool one is wanted whose PF has the rate left.
        GuaranteedMbps = vf is null ? order.Settings.MinTxRateMbps : null,
        EvenStrangers = order.Force,
    };

    /// <summary>What is wrong where neither VF nor pool was named; null where one was.</summary>
    public Fault? Missing(ParseResult parsed, string? vf, string remedy) => vf is null && parsed.GetValue(_pool) is null
        ? Fault.Usage("neither a VF nor a pool is named", remedy)
        : null;

    private static Outcome<IReadOnlyList<IPNetworkAddress>> Addresses(string[] texts)
    {
        List<IPNetworkAddress> addresses = [];
        foreach (string text in texts)
        {
            if (!IPNetworkAddress.TryParse(text, out IPNetworkAddress? address))
                return Fault.Usage($"--address \"{text}\" is not an address with prefix length, such as 192.0.2.7/24 or 2001:db8::7/64");
            addresses.Add(address);
        }
        return addresses;
    }

    private static Outcome<int?> Mtu(string? text)
    {
        if (text is null)
            return Outcome<int?>.Of(null);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes) && bytes is >= 68 and <= 65535
            ? bytes
            : Fault.Usage($"--mtu \"{text}\" is not a number of bytes from 68 to 65535");
    }
}
