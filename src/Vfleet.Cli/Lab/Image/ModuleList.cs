namespace Vfleet.Cli.Lab.Image;

/// <summary>lab/modules.txt: which kernel modules the lab needs, by purpose.</summary>
internal sealed record ModuleList(IReadOnlyList<string> Initramfs, IReadOnlyList<string> Load, IReadOnlyList<string> Unpack)
{
    internal IEnumerable<string> All => Initramfs.Concat(Load).Concat(Unpack).Distinct();

    internal static ModuleList Parse(string text)
    {
        Dictionary<string, List<string>> sections = new() { ["initramfs"] = [], ["load"] = [], ["unpack"] = [] };
        List<string>? section = null;
        foreach (string line in text.Split('\n').Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0))
        {
            if (!line.StartsWith('['))
                (section ?? throw new FormatException($"'{line}' stands before the first section")).Add(line);
            else if (!sections.TryGetValue(line.Trim('[', ']'), out section))
                throw new FormatException($"unknown section {line}");
        }

        return new ModuleList(sections["initramfs"], sections["load"], sections["unpack"]);
    }
}
