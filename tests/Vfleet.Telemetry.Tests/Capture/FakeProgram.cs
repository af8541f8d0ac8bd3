using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Vfleet.Telemetry.Programs;

namespace Vfleet.Telemetry.Tests;

/// <summary>A small program that stands for tcpdump or bpftrace, in a folder of its own that files of the test lie in too.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Vfleet runs on Linux only")]
internal sealed class FakeProgram : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vfleet-fake-");

    /// <param name="body">Lines of sh(1); <c>$FOLDER</c> is the folder.</param>
    public FakeProgram(string body)
    {
        File.WriteAllText(Of("program"), $"#!/bin/sh\nFOLDER={_folder.FullName}\n{body}\n");
        File.SetUnixFileMode(Of("program"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Starts it with the arguments of what it stands for.</summary>
    public ToolStart Start => words => new ProcessStartInfo(Of("program"), words.Skip(1));

    /// <summary>A file in its folder.</summary>
    public string Of(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Names of the files in its folder, itself left out.</summary>
    public string[] Files => [.. _folder.GetFiles().Select(file => file.Name).Where(name => name is not "program").Order()];

    public void Dispose() => _folder.Delete(recursive: true);
}
