using System.Text;
using System.Text.Json;
using Vfleet.Linux;
using Vfleet.Linux.Real;

namespace Vfleet.Host.State;

/// <summary>Records of the state directory as JSON files, written whole or not at all.</summary>
public static class StateFile
{
    /// <summary>A hundred times the largest record; nothing vfleet wrote is longer.</summary>
    private const long Longest = 1 << 20;

    /// <summary>Reads a record; null where there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">Makes a record of its text; throws <see cref="JsonException"/> where it is none.</param>
    /// <returns>
    /// Internal when the file is cut or no record: it is named and left as it is. NotPermitted when it may not be looked at.
    /// </returns>
    public static Outcome<T?> Read<T>(string path, Func<string, T?> parse)
        where T : class
    {
        try
        {
            if (Refuse(path) is { } strange)
                return Unreadable(path, strange);
            return parse(File.ReadAllText(path)) is { } record ? record : Unreadable(path, "it is empty");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The file system's only ways to say that there is none; asking first would not tell this from "forbidden".
            return Outcome<T?>.Of(null);
        }
        catch (UnauthorizedAccessException e)
        {
            // The runtime's only way to say EACCES: a record that may not be seen is not one that is absent.
            return Forbidden(path, e.Message);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // A record that is cut is reported by name; guessing its content could give a VF away twice.
            return Unreadable(path, e.Message);
        }
    }

    /// <summary>Writes a record: file, rename, directory.</summary>
    /// <param name="stateDirectory">The state directory; made when needed.</param>
    /// <param name="name">The file in it, in a folder of its own or not; the folder is made when needed.</param>
    /// <param name="record">The record, as JSON.</param>
    /// <param name="survivesPowerCut">Waits for the disk; not needed where the record means nothing after a boot.</param>
    /// <returns>A fault with the system's words when the disk is full or the directory may not be written; nothing is left behind.</returns>
    public static Outcome<Unit> Write(string stateDirectory, string name, string record, bool survivesPowerCut = true)
    {
        string path = Path.Combine(stateDirectory, name);
        string temporary = $"{path}.new";
        try
        {
            StateFolder.Make(stateDirectory, Path.GetDirectoryName(name));
            using (FileStream file = StateFolder.Open(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.UTF8.GetBytes(record));
                file.Flush(survivesPowerCut);
            }
            File.Move(temporary, path, overwrite: true);
            return survivesPowerCut ? DurableFolder.Sync(Path.GetDirectoryName(path)!) : Unit.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is full, read-only or forbidden.
            TryDelete(temporary);
            return CannotWrite(path, e);
        }
    }

    /// <summary>Removes a record; success when there is none.</summary>
    public static Outcome<Unit> Remove(string path, bool survivesPowerCut = true)
    {
        try
        {
            if (!File.Exists(path))
                return Unit.Done;
            File.Delete(path);
            return survivesPowerCut ? DurableFolder.Sync(Path.GetDirectoryName(path)!) : Unit.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system's only ways to say that it is read-only or forbidden.
            return CannotWrite(path, e);
        }
    }

    /// <summary>The fault for a file that holds something else than it should.</summary>
    public static Fault Unreadable(string path, string cause) => new(FaultKind.Internal, $"the record {path} cannot be read")
    {
        Cause = cause,
        Target = path,
        Remedy = "look at the VFs with `vfleet vf list`, restore by hand what it was about, then move the file away",
    };

    /// <summary>The fault for a file or directory that may not be looked at.</summary>
    public static Fault Forbidden(string path, string cause) =>
        new(FaultKind.NotPermitted, $"{path} may not be read, so what is recorded there is unknown")
        {
            Cause = cause,
            Target = path,
            Remedy = "run as root, or give a directory of your own with --state",
        };

    /// <returns>What is wrong with it, or null. A pipe or device says length 0, and opening a pipe would wait for ever.</returns>
    private static string? Refuse(string path)
    {
        FileAttributes attributes = File.GetAttributes(path);
        if (attributes.HasFlag(FileAttributes.ReparsePoint))
            return "it is a symbolic link";
        if (attributes.HasFlag(FileAttributes.Directory))
            return "it is a directory";
        long length = new FileInfo(path).Length;
        return length switch
        {
            0 => "it is empty, or no regular file",
            > Longest => $"it has {length} bytes, and no record is longer than {Longest}",
            _ => null,
        };
    }

    private static Fault CannotWrite(string path, Exception e) =>
        new(e is UnauthorizedAccessException ? FaultKind.NotPermitted : FaultKind.Kernel, $"the record {path} cannot be written, so nothing more was done")
        {
            Cause = e.Message,
            Target = path,
            Remedy = "make room or give another directory with --state",
        };

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The write has failed and is reported; a leftover .new file is overwritten by the next one.
        }
    }
}
