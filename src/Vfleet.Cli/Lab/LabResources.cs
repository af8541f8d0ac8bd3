namespace Vfleet.Cli.Lab;

/// <summary>The files of lab/, which travel inside this assembly.</summary>
internal static class LabResources
{
    internal static byte[] Read(string name)
    {
        using Stream stream = typeof(LabResources).Assembly.GetManifestResourceStream($"lab/{name}")
            ?? throw LabException.Internal($"this vfleet was built without lab/{name}");
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
