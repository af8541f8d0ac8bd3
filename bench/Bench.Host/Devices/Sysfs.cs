using System.Globalization;
using Vfleet.Bench.Measurement;
using Vfleet.Linux;

namespace Vfleet.Bench.Devices;

/// <summary>Kernel files as a benchmark needs them: a failure ends its rows.</summary>
internal static class Sysfs
{
    public static void Write(IKernel kernel, string path, string text) => BenchException.Take(kernel.Files.WriteText(path, text));

    public static string Read(IKernel kernel, string path) => BenchException.Take(kernel.Files.ReadText(path));

    public static int Number(IKernel kernel, string path) => int.Parse(Read(kernel, path), NumberStyles.None, CultureInfo.InvariantCulture);

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
