using System.Diagnostics;
using Vfleet.Linux.Real;

namespace Vfleet.Linux.Tests;

/// <summary>A namespace of the real kernel for one test, with the links its lines of <c>ip -batch</c> make.</summary>
internal sealed class KernelNamespace : IDisposable
{
    private readonly string _name = $"vft-{Environment.ProcessId}-{Guid.NewGuid().ToString("n")[..6]}";

    public KernelNamespace(params string[] batch)
    {
        Namespace = Expect.Value(Kernel.CreateNamespace(_name));
        Ip(batch);
    }

    public string Name => _name;

    public LinuxKernel Kernel { get; } = new();

    public NetworkNamespace Namespace { get; }

    /// <summary>Runs lines of <c>ip -batch</c> in the namespace.</summary>
    public void Ip(params string[] batch)
    {
        if (batch.Length == 0)
            return;
        ProcessStartInfo start = new("ip") { RedirectStandardInput = true, RedirectStandardError = true };
        foreach (string argument in new[] { "-n", _name, "-batch", "-" })
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(string.Join('\n', batch) + "\n");
        process.StandardInput.Close();
        string words = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, words);
    }

    public void Dispose()
    {
        Namespace.Dispose();
        Expect.Done(Kernel.DeleteNamespace(_name));
    }
}
