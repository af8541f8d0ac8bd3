using Vfleet.Linux.Netlink;

namespace Vfleet.Linux.Generic.Ethtool;

/// <content>Features.</content>
internal static partial class EthtoolParser
{
    /// <summary>NETDEV_FEATURE_COUNT is below 64 today; a reply that claims more than this is garbled.</summary>
    private const int MostFeatures = 1024;

    /// <summary>ETHTOOL_MSG_FEATURES_GET_REPLY. Source: net/ethtool/features.c features_fill_reply.</summary>
    public static FeatureList? Features(in NetlinkMessage message)
    {
        if (!TryBegin(message, EthtoolCommand.FeaturesReply, out AttributeReader reader))
            return null;
        string? name = null;
        List<FeatureBits> bits = [];
        while (reader.Read())
        {
            switch (reader.Type)
            {
                case EthtoolAttribute.Header: name = NameOf(reader.AsNested()); break;
                case EthtoolAttribute.FeaturesHardware: Take(reader.AsNested(), bits, FeatureRole.Changeable); break;
                case EthtoolAttribute.FeaturesActive: Take(reader.AsNested(), bits, FeatureRole.Active); break;
                case EthtoolAttribute.FeaturesNoChange: Take(reader.AsNested(), bits, FeatureRole.Fixed); break;
            }
        }
        if (reader.Malformed || name is null)
            return null;
        List<Feature> features = new(bits.Count);
        foreach (FeatureBits bit in bits)
        {
            if (bit.Name is not null)
                features.Add(new Feature(bit.Name, bit.Roles.HasFlag(FeatureRole.Active),
                    bit.Roles.HasFlag(FeatureRole.Changeable) && !bit.Roles.HasFlag(FeatureRole.Fixed)));
        }
        return new FeatureList(name, features);
    }

    /// <summary>A set of bits spelled out. Source: Documentation/networking/ethtool-netlink.rst, bit sets.</summary>
    private static void Take(AttributeReader set, List<FeatureBits> bits, FeatureRole role)
    {
        bool isList = false;
        while (set.Read())
        {
            // A set without a mask is a list: what it names is on.
            if (set.Type == EthtoolAttribute.BitsetNoMask)
                isList = true;
            else if (set.Type == EthtoolAttribute.BitsetBits)
                TakeBits(set.AsNested(), bits, role, isList);
        }
    }

    private static void TakeBits(AttributeReader list, List<FeatureBits> bits, FeatureRole role, bool isList)
    {
        while (list.Read())
        {
            AttributeReader bit = list.AsNested();
            uint index = uint.MaxValue;
            ReadOnlySpan<byte> name = default;
            bool on = isList;
            while (bit.Read())
            {
                switch (bit.Type)
                {
                    case EthtoolAttribute.BitIndex: index = bit.AsUInt32(); break;
                    case EthtoolAttribute.BitName: name = bit.Value; break;
                    case EthtoolAttribute.BitValue: on = true; break;
                }
            }
            if (index >= MostFeatures || bit.Malformed)
                continue;
            while (bits.Count <= index)
                bits.Add(default);
            FeatureBits known = bits[(int)index];
            bits[(int)index] = new FeatureBits(
                known.Name ?? (name.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(name.TrimEnd((byte)0))),
                on ? known.Roles | role : known.Roles);
        }
    }

    [Flags]
    private enum FeatureRole
    {
        None = 0,
        Active = 1,
        Changeable = 2,
        Fixed = 4,
    }

    private readonly record struct FeatureBits(string? Name, FeatureRole Roles);
}
