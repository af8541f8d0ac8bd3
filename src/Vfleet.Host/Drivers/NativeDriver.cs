namespace Vfleet.Host.Drivers;

/// <summary>The kernel drivers of VFs by the driver of their PF.</summary>
public static class NativeDriver
{
    /// <summary>The word that asks for it on the command line.</summary>
    public const string Word = "native";

    /// <summary>The word that asks for no driver.</summary>
    public const string None = "none";

    /// <summary>The VF driver that belongs to a PF driver; null where none makes use of the VFs.</summary>
    public static string? Of(string? pfDriver) => pfDriver switch
    {
        "igb" => "igbvf",
        "ixgbe" => "ixgbevf",
        "i40e" or "ice" => "iavf",
        "mlx5_core" or "mlx4_core" or "bnxt_en" or "ena" or "sfc" or "qede" => pfDriver,
        "cxgb4" => "cxgb4vf",
        "fm10k" => "fm10k",
        "nfp" => "nfp_netvf",
        "hns3" => "hclgevf",
        _ => null,
    };
}
