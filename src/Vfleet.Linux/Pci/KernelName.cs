namespace Vfleet.Linux.Pci;

/// <summary>Names of kernel drivers and modules that may become part of a path or be written to sysfs.</summary>
public static class KernelName
{
    /// <summary>
    /// Longest name accepted, in bytes. Source: MODULE_NAME_LEN in include/linux/module.h is 64 - sizeof(unsigned long), its end
    /// included.
    /// </summary>
    public const int MaxLength = 55;

    /// <summary>True for 1 to <see cref="MaxLength"/> ASCII letters, digits, <c>_ - . +</c>, not starting with a dot or a dash.</summary>
    public static bool IsValid(string? name) =>
        name is { Length: > 0 and <= MaxLength } && name[0] is not ('.' or '-') && name.All(IsAllowed);

    /// <summary>Null for a valid name, else a Usage fault that says what a name looks like.</summary>
    /// <param name="name">The name to check.</param>
    /// <param name="what">What it names, such as <c>driver</c>.</param>
    public static Fault? Check(string? name, string what = "driver") => IsValid(name)
        ? null
        : Fault.Usage(
            $"'{name}' is no {what} name",
            $"a {what} name has 1 to {MaxLength} letters, digits, '_', '-', '.' or '+', such as vfio-pci",
            name);

    private static bool IsAllowed(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '+';
}
