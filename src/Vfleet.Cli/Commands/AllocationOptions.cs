using System.CommandLine;
using System.Globalization;
using Vfleet.Linux;
using Vfleet.Node.Allocation;
using Vfleet.Node.Ledger;
using Vfleet.Node.Pools;

namespace Vfleet.Cli.Commands;

/// <summary>The options that say which VFs an allocation should have.</summary>
internal sealed class AllocationOptions
{
    private readonly Option<string?> _pool =
        new("--pool") { Description = "The pool, see `vfleet pool list`; every PF with VFs has one of its name" };
    private readonly Option<string?> _count = new("--count") { Description = "VFs wanted, 1 by default" };
    private readonly Option<string?> _policy =
        new("--policy") { Description = "Which PF first: pack fills one up, spread takes turns; the pool's by default" };
    private readonly Option<string?> _numa = new("--numa") { Description = "NUMA node wanted" };
    private readonly Option<string?> _numaPolicy =
        new("--numa-policy") { Description = "How near that node: required, preferred, socket, legacy; preferred by default" };
    private readonly Option<string?> _near = new("--near") { Description = "A PCI device, such as a GPU, to be near on PCIe" };
    private readonly Option<bool> _differentPfs = new("--different-pfs") { Description = "Each VF on another PF, as for a bond" };
    private readonly Option<string?> _vf = new("--vf") { Description = "This VF and no other" };
    private readonly Option<string?> _minRate =
        new("--min-rate") { Description = "Rate in Mbit/s to be guaranteed to each VF; the pool's by default" };
    private readonly Option<string?> _key = new("--key") { Description = "Name of this request: the same again gets the same allocation" };

    /// <summary>Adds them.</summary>
    public void AddTo(Command command)
    {
        Option[] all = [_pool, _count, _policy, _numa, _numaPolicy, _near, _differentPfs, _vf, _minRate, _key];
        foreach (Option option in all)
            command.Options.Add(option);
    }

    /// <summary>The request, or what is wrong with the first bad option.</summary>
    public Outcome<AllocationRequest> Read(ParseResult parsed, Owner owner, string? tenant)
    {
        Fault? wrong = null;
        AllocationRequest request = new()
        {
            Pool = parsed.GetValue(_pool),
            Count = Value(_count, Number, "a number of VFs from 1 to 4096") ?? 1,
            Owner = owner,
            Tenant = tenant,
            Policy = Value(_policy, Word<AllocationPolicy>, "pack or spread"),
            NumaNode = Value(_numa, Number, "a NUMA node, such as 0"),
            Numa = Value(_numaPolicy, Word<NumaPolicy>, "required, preferred, socket or legacy") ?? NumaPolicy.Preferred,
            Near = Value(_near, Address, "a PCI address, such as 0000:3b:00.0"),
            DifferentPfs = parsed.GetValue(_differentPfs),
            Vf = parsed.GetValue(_vf),
            GuaranteedMbps = Value(_minRate, Rate, "a rate in Mbit/s from 0 to 4294967295"),
            RequestKey = parsed.GetValue(_key),
        };
        if (request is { NumaNode: null } && parsed.GetValue(_numaPolicy) is not null)
            wrong ??= Fault.Usage("--numa-policy says how near a node, and --numa names none", "give --numa too");
        return wrong is null ? request : wrong;

        T? Value<T>(Option<string?> option, Func<string, T?> parse, string expected)
            where T : struct
        {
            if (parsed.GetValue(option) is not { } text)
                return null;
            T? value = parse(text);
            if (value is null)
                wrong ??= Fault.Usage($"{option.Name} \"{text}\" is not {expected}");
            return value;
        }
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
        ? value : null;

    private static uint? Rate(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value)
        ? value : null;

    private static PciAddress? Address(string text) => PciAddress.TryParse(text, out PciAddress address) ? address : null;

    /// <summary>A name of the list, and no number that stands for one.</summary>
    private static T? Word<T>(string text)
        where T : struct, Enum => text.All(char.IsAsciiLetter) && Enum.TryParse(text, ignoreCase: true, out T value) ? value : null;
}
