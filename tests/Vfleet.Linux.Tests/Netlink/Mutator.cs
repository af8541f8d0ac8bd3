using System.Runtime.InteropServices;
using Vfleet.Simulation.Nodes;

namespace Vfleet.Linux.Tests.Netlink;

/// <summary>Garbles messages the way broken kernels, wrapped lengths and lost bytes would.</summary>
internal sealed class Mutator(SeededNumbers random)
{
    private static readonly uint[] Lengths = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 0x7f, 0xff, 0x7fff, 0x8000, 0xfffc, 0xffff, 0x7fffffff, 0xfffffff0, 0xffffffff];

    /// <summary>Garbles the first <paramref name="length"/> bytes in place; the room may be larger.</summary>
    /// <returns>The new length, at most the room's.</returns>
    public int Mutate(Span<byte> room, int length)
    {
        for (int i = random.Below(4); i >= 0; i--)
            length = Once(room, length);
        return length;
    }

    private int Once(Span<byte> room, int length)
    {
        if (length == 0)
            return 0;
        Span<byte> message = room[..length];
        int at = random.Below(length);
        switch (random.Below(9))
        {
            case 0:
                message[at] ^= (byte)(1 << random.Below(8));
                return length;
            case 1:
                message[at] = (byte)random.Next();
                return length;
            case 2:
                return at;
            case 3:
                int more = random.Below(Math.Min(32, room.Length - length) + 1);
                random.Fill(room.Slice(length, more));
                return length + more;
            case 4:
                Put(message, at & ~3, sizeof(ushort), Lengths[random.Below(Lengths.Length)]);
                return length;
            case 5:
                Put(message, at & ~3, sizeof(uint), Lengths[random.Below(Lengths.Length)]);
                return length;
            case 6:
                // A length that is nearly right.
                if (at + 2 <= length)
                    Put(message, at & ~3, sizeof(ushort), (uint)(MemoryMarshal.Read<ushort>(message[(at & ~3)..]) + random.Below(9) - 4));
                return length;
            case 7:
                int count = random.Below(Math.Min(64, length - at) + 1);
                message.Slice(random.Below(length - count + 1), count).CopyTo(message[at..]);
                return length;
            default:
                message.Slice(at, random.Below(Math.Min(16, length - at) + 1)).Clear();
                return length;
        }
    }

    private static void Put(Span<byte> message, int at, int size, uint value)
    {
        if (at + size > message.Length)
            return;
        if (size == sizeof(ushort))
            MemoryMarshal.Write(message[at..], (ushort)value);
        else
            MemoryMarshal.Write(message[at..], value);
    }
}
