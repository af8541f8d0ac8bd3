using System.Globalization;
using System.Text;

namespace Vfleet.Cli.Lab.Image;

/// <summary>Writes the "newc" archive that the kernel unpacks as its first root (Documentation/driver-api/early-userspace/buffer-format).</summary>
internal sealed class CpioWriter(Stream target)
{
    private const int Executable = 0x81ED; // S_IFREG | 0755
    private const int Plain = 0x81A4; // S_IFREG | 0644
    private const int DirectoryMode = 0x41ED; // S_IFDIR | 0755
    private const int CharacterDevice = 0x2180; // S_IFCHR | 0600

    private int _inode;
    private long _written;

    internal void Directory(string name) => Entry(name, DirectoryMode, [], 0, 0);

    internal void File(string name, ReadOnlySpan<byte> content, bool executable = false) =>
        Entry(name, executable ? Executable : Plain, content, 0, 0);

    internal void Device(string name, int major, int minor) => Entry(name, CharacterDevice, [], major, minor);

    /// <summary>The closing entry; nothing may follow.</summary>
    internal void End() => Entry("TRAILER!!!", 0, [], 0, 0);

    private void Entry(string name, int mode, ReadOnlySpan<byte> content, int major, int minor)
    {
        byte[] path = Encoding.UTF8.GetBytes(name + '\0');
        StringBuilder header = new("070701", 110);
        // inode, mode, uid, gid, links, time, size, device of the file (2), device it is (2), length of the name, no checksum
        foreach (int field in (int[])[_inode++, mode, 0, 0, 1, 0, content.Length, 0, 0, major, minor, path.Length, 0])
            header.Append(field.ToString("x8", CultureInfo.InvariantCulture));
        Write(Encoding.ASCII.GetBytes(header.ToString()));
        Write(path);
        Pad();
        Write(content);
        Pad();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        target.Write(bytes);
        _written += bytes.Length;
    }

    private void Pad()
    {
        while (_written % 4 != 0)
            Write([0]);
    }
}
