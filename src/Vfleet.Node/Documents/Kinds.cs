using System.Text.RegularExpressions;
using Vfleet.Node.Pools;

namespace Vfleet.Node.Documents;

/// <summary>The kinds of values that fields hold.</summary>
internal static partial class Kinds
{
    /// <summary>Any text.</summary>
    public static readonly TextKind Text = new(null, "text");

    /// <summary>Yes or no.</summary>
    public static readonly SwitchKind Switch = new();

    /// <summary>A switch that the ecosystem writes as text.</summary>
    public static readonly WordKind<bool> OnOff = new(("on", true), ("off", false));

    /// <summary>Names with texts.</summary>
    public static readonly MapKind Map = new();

    /// <summary>Whatever is written.</summary>
    public static readonly AnyKind Any = new();

    /// <summary>Text that holds a JSON object.</summary>
    public static readonly JsonTextKind JsonText = new();

    /// <summary>Name of a resource, and so of a pool.</summary>
    public static readonly TextKind ResourceName = new(ResourceNamePattern(), "1 to 63 of a-z A-Z 0-9 _ -");

    /// <summary>Name of a document.</summary>
    public static readonly TextKind ObjectName = new(ObjectNamePattern(), "1 to 253 of a-z 0-9 - . with a letter or digit at both ends");

    /// <summary>PCI vendor or device id.</summary>
    public static readonly TextKind HexId = new(HexIdPattern(), "four hexadecimal digits without 0x, such as \"8086\"");

    /// <summary>A network of a cloud.</summary>
    public static readonly TextKind NetFilter = new(NetFilterPattern(), "openstack/NetworkID:ID or aws/NetworkID:ID");

    /// <summary>PFs by name.</summary>
    public static readonly ListKind<PfPart> PfNames = new(new PfPartKind(PfNamePattern(), isAddress: false));

    /// <summary>PFs by address.</summary>
    public static readonly ListKind<PfPart> RootDevices = new(new PfPartKind(RootDevicePattern(), isAddress: true));

    /// <summary>Texts.</summary>
    public static readonly ListKind<string> Texts = new(Text);

    /// <summary>A whole number.</summary>
    public static NumberKind Number(int least, int most) => new(least, most);

    /// <summary>A whole number that the kernel takes without a sign.</summary>
    public static CountKind Count(uint least, uint most) => new(least, most);

    /// <summary>One of some words.</summary>
    public static WordKind<T> Words<T>(params (string Word, T Value)[] words)
        where T : notnull => new(words);

    /// <summary>One of some words, kept as it is written.</summary>
    public static WordKind<string> Words(params string[] words) => new([.. words.Select(word => (word, word))]);

    /// <summary>An object with fields of its own.</summary>
    public static ObjectKind<T> Object<T>(ObjectTable<T> table)
        where T : class => new(table);

    [GeneratedRegex("^[A-Za-z0-9_-]{1,63}$")]
    private static partial Regex ResourceNamePattern();

    [GeneratedRegex("^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]
    private static partial Regex ObjectNamePattern();

    [GeneratedRegex("^[0-9a-fA-F]{4}$")]
    private static partial Regex HexIdPattern();

    [GeneratedRegex("^(openstack|aws)/NetworkID:[^ ]+$")]
    private static partial Regex NetFilterPattern();

    // Alternative names have up to 127 characters; a slash or blank is in no interface's name (net/core/dev.c dev_valid_name).
    [GeneratedRegex("^[^#/\\s]{1,127}(#[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*)?$")]
    private static partial Regex PfNamePattern();

    [GeneratedRegex("^([0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[01][0-9a-fA-F]\\.[0-7](#[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*)?$")]
    private static partial Regex RootDevicePattern();
}
