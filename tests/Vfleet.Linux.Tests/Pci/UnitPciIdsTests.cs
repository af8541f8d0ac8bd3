using System.Text;
using Vfleet.Linux.Pci;

namespace Vfleet.Linux.Tests.Pci;

public sealed class UnitPciIdsTests
{
    private const string List = """
        # a remark
        0001  First Vendor
        	0002  First Device
        # a remark between devices
        	0003  Second Device
        15b3  Mellanox Technologies
        	101e  ConnectX Family mlx5Gen Virtual Function
        8086  Intel Corporation
        	10c9  82576 Gigabit Network Connection
        		8086 a03c  Gigabit ET Dual Port Server Adapter
        	10ca  82576 Virtual Function
        8087  Intel Corp.
        	10ff  Somebody else's
        C 02  Network controller
        	00  Ethernet controller
        """;

    private static readonly PciId Igb82576 = new(0x8086, 0x10c9);

    [Fact]
    public void Names_are_found_in_one_pass()
    {
        PciId[] ids = [Igb82576, new(0x8086, 0x10ca), new(0x15b3, 0x101e), new(1, 2), new(1, 3), Igb82576];

        IReadOnlyDictionary<PciId, PciIdNames> names = Find(List, ids);

        Assert.Equal(5, names.Count);
        Assert.Equal(new PciIdNames("Intel Corporation", "82576 Gigabit Network Connection"), names[Igb82576]);
        Assert.Equal("82576 Virtual Function", names[ids[1]].Device);
        Assert.Equal("ConnectX Family mlx5Gen Virtual Function", names[ids[2]].Device);
        Assert.Equal(new PciIdNames("First Vendor", "First Device"), names[ids[3]]);
        Assert.Equal("Second Device", names[ids[4]].Device);
    }

    [Fact]
    public void A_device_of_the_next_vendor_is_not_taken() =>
        Assert.Equal(new PciIdNames("Intel Corporation", null), Find(List, new PciId(0x8086, 0x10ff)).Values.Single());

    [Theory]
    [InlineData(0x8086, 0xa03c)]
    [InlineData(0x0200, 0x0000)]
    [InlineData(0xffff, 0xffff)]
    public void What_the_list_has_not_is_null(ushort vendor, ushort device) =>
        Assert.Null(Find(List, new PciId(vendor, device)).Values.Single().Device);

    [Fact]
    public void Without_a_list_all_names_are_null() => Assert.Equal(default, new PciIds(new MemoryTree()).Find([Igb82576])[Igb82576]);

    [Fact]
    public void A_list_that_cannot_be_read_is_no_list() =>
        Assert.Equal(default, new PciIds(new MemoryTree("/usr/share/misc/pci.ids !EIO")).Find([Igb82576])[Igb82576]);

    [Fact]
    public void The_second_place_is_looked_at()
    {
        MemoryTree tree = new();
        tree.AddBytes("/usr/share/hwdata/pci.ids", Encoding.UTF8.GetBytes(List));

        Assert.Equal("Intel Corporation", new PciIds(tree).Find([Igb82576])[Igb82576].Vendor);
    }

    [Fact]
    public void A_list_larger_than_usual_is_read_to_its_end() =>
        Assert.Equal("Intel Corporation", Find(new string('#', 5 << 20) + "\n" + List, Igb82576).Values.Single().Vendor);

    [Fact]
    public void A_list_cut_anywhere_is_no_danger()
    {
        byte[] text = Encoding.UTF8.GetBytes(List);
        for (int length = 0; length <= text.Length; length++)
        {
            Dictionary<PciId, PciIdNames> names = new() { [Igb82576] = default, [new PciId(0x8087, 0x10ff)] = default };
            PciIdsText.Search(text.AsSpan(0, length), names);
            Assert.Equal(2, names.Count);
        }
    }

    private static IReadOnlyDictionary<PciId, PciIdNames> Find(string list, params PciId[] ids)
    {
        MemoryTree tree = new();
        tree.AddBytes("/usr/share/misc/pci.ids", Encoding.UTF8.GetBytes(list));
        return new PciIds(tree).Find(ids);
    }
}
