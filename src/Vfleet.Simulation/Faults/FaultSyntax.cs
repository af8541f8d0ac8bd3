using System.Globalization;
using System.Text;

namespace Vfleet.Simulation.Faults;

/// <summary>Faults as people write them: <c>NAME[@TARGET][*COUNT][+AFTER]</c>.</summary>
internal static class FaultSyntax
{
    /// <summary>SlowProbe is <c>slow-probe</c>.</summary>
    public static string NameOf(SimulatedFault fault)
    {
        StringBuilder name = new();
        foreach (char letter in fault.ToString())
        {
            if (char.IsUpper(letter) && name.Length > 0)
                name.Append('-');
            name.Append(char.ToLowerInvariant(letter));
        }
        return name.ToString();
    }

    public static Outcome<FaultInjection> Parse(string text)
    {
        string rest = text;
        int after = TakeNumber(ref rest, '+') ?? 0;
        int count = TakeNumber(ref rest, '*') ?? int.MaxValue;
        int at = rest.IndexOf('@', StringComparison.Ordinal);
        string name = at < 0 ? rest : rest[..at];
        foreach (SimulatedFault fault in Enum.GetValues<SimulatedFault>())
        {
            if (NameOf(fault) == name)
                return new FaultInjection(fault) { Target = at < 0 ? null : rest[(at + 1)..], Count = count, After = after };
        }
        return Fault.Usage($"unknown fault '{name}'", $"known faults: {string.Join(", ", FaultSchedule.Names)}", name);
    }

    private static int? TakeNumber(ref string text, char mark)
    {
        int at = text.LastIndexOf(mark);
        if (at < 0 || !int.TryParse(text[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return null;
        text = text[..at];
        return number;
    }
}
