using System.Globalization;
using System.Text;
using Vfleet.Host.Inventory;
using Vfleet.Node.Ledger;

namespace Vfleet.Telemetry.Capture;

/// <summary>Whose packets a capture holds, and who asked for it.</summary>
/// <param name="Host">Name of the machine.</param>
/// <param name="Vf">The VF.</param>
/// <param name="Pool">Its pool; null for none.</param>
/// <param name="Allocation">Who has it; null for nobody.</param>
/// <param name="By">Who asked.</param>
/// <param name="At">When.</param>
public sealed record CaptureIdentity(
    string Host, VirtualFunction Vf, string? Pool, LedgerAllocation? Allocation, Actor By, DateTimeOffset At)
{
    /// <summary>The same as lines of <c>name: value</c>, for the file's comment. What is not known has no line.</summary>
    public string Comment(CapturePoint point, CaptureOrder order)
    {
        StringBuilder text = new();
        foreach ((string name, string? value) in Lines(point, order))
        {
            // One line each, whatever names hold.
            if (value is not null)
                text.Append(name).Append(": ").Append(value.ReplaceLineEndings(" ")).Append('\n');
        }
        return text.ToString().TrimEnd('\n');
    }

    /// <summary>The same for the ledger's history, in a line.</summary>
    public static string Detail(CapturePoint point, CaptureOrder order) => string.Create(CultureInfo.InvariantCulture,
        $"{point.Words} to {order.File} for {order.Duration.TotalSeconds:0.###} s, {order.MostBytes} bytes at most, filter: {order.Filter ?? "none"}");

    private IEnumerable<(string Name, string? Value)> Lines(CapturePoint point, CaptureOrder order) =>
    [
        ("host", Host), ("vf", Vf.Label), ("pf", Vf.Pf.Label), ("index", Vf.Index.ToString(CultureInfo.InvariantCulture)), ("pool", Pool),
        ("allocation", Allocation?.Id), ("owner", Allocation?.Owner.Name), ("tenant", Allocation?.Tenant),
        ("handed out by", Allocation?.FrontDoor), ("interface", point.Interface), ("namespace", point.NamespacePath),
        ("seen on", point.IsRepresentor ? "representor" : "interface"), ("filter", order.Filter),
        ("asked by", By.User is { } user ? $"{user} through {By.FrontDoor}" : By.FrontDoor),
        ("asked at", At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
    ];
}
