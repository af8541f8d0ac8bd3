namespace Vfleet.Simulation.Files;

/// <summary>The lines of pci.ids that the simulated machines need.</summary>
internal static class PciIds
{
    public const string Text = """
        # Vendors and devices of the simulated machines
        15b3  Mellanox Technologies
        	101d  MT2892 Family [ConnectX-6 Dx]
        	101e  ConnectX Family mlx5Gen Virtual Function
        1b36  Red Hat, Inc.
        	000c  QEMU PCIe Root port
        	0010  QEMU NVM Express Controller
        8086  Intel Corporation
        	10c9  82576 Gigabit Network Connection
        	10ca  82576 Virtual Function
        	10ed  82599 Ethernet Controller Virtual Function
        	10fb  82599ES 10-Gigabit SFI/SFP+ Network Connection
        	154c  Ethernet Virtual Function 700 Series
        	1583  Ethernet Controller XL710 for 40GbE QSFP+
        	1592  Ethernet Controller E810-C for QSFP
        	1889  Ethernet Adaptive Virtual Function
        C 01  Mass storage controller
        	08  Non-Volatile memory controller
        C 02  Network controller
        	00  Ethernet controller
        C 06  Bridge
        	04  PCI bridge

        """;
}
