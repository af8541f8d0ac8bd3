using System.Text;

namespace Vfleet.Cli.Lab.Image;

/// <summary>Writes the guest's first root: busybox, lab/init and the modules it needs to reach the host's files.</summary>
internal static class InitramfsBuilder
{
    /// <summary>Part of the cache key; to be raised when the layout below changes.</summary>
    internal const int Format = 1;

    internal static void Write(
        string path, KernelTree kernel, string tree, byte[] init, ModuleList modules, ModuleDependencies dependencies)
    {
        using FileStream file = File.Create(path);
        CpioWriter cpio = new(file);
        foreach (string directory in (string[])["bin", "dev", "modules"])
            cpio.Directory(directory);
        cpio.Device("dev/console", major: 5, minor: 1);
        cpio.Device("dev/null", major: 1, minor: 3);
        cpio.File("bin/busybox", File.ReadAllBytes(kernel.Busybox), executable: true);
        cpio.File("init", init, executable: true);

        StringBuilder load = new();
        foreach (string module in dependencies.FilesOf(modules.Initramfs))
        {
            string name = $"modules/{Path.GetFileName(module)}";
            cpio.File(name, File.ReadAllBytes(Path.Combine(tree, module)));
            load.Append('/').Append(name).Append('\n');
        }

        cpio.File("load", Encoding.UTF8.GetBytes(load.ToString()));
        cpio.File("drivers", Encoding.UTF8.GetBytes(string.Join('\n', modules.Load) + "\n"));
        cpio.End();
    }
}
