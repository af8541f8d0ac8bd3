namespace Vfleet.Telemetry.Objectives;

/// <summary>The objectives that come with Vfleet: deploy/prometheus/objectives.yaml.</summary>
public static class DefaultObjectives
{
    /// <summary>What messages call it.</summary>
    public const string Source = "objectives.yaml";

    /// <summary>The file.</summary>
    public static string Text
    {
        get
        {
            using Stream stream = typeof(DefaultObjectives).Assembly.GetManifestResourceStream(Source)
                ?? throw new InvalidOperationException($"{Source} is not in the assembly");
            using StreamReader reader = new(stream);
            return reader.ReadToEnd();
        }
    }
}
