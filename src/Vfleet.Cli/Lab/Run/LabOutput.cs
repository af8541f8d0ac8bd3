namespace Vfleet.Cli.Lab.Run;

/// <summary>What a command in the guest said.</summary>
internal sealed record LabOutput(int ExitCode, string Stdout, string Stderr);
