using Vfleet.Linux;

namespace Vfleet.Host.State;

/// <summary>Attachment records, one file per VF. A record is durable before <see cref="Save"/> returns: file, rename, directory.</summary>
/// <param name="stateDirectory">The state directory; its folder <c>attachments</c> is made when needed.</param>
public sealed class AttachmentStore(string stateDirectory) : IAttachmentStore
{
    private const string FolderName = "attachments";
    private readonly string _folder = Path.Combine(stateDirectory, FolderName);

    /// <summary>Every record, sorted by VF.</summary>
    /// <returns>
    /// Internal when a record cannot be read: it names the file, which is left as it is. NotPermitted when it may not be looked at.
    /// </returns>
    public Outcome<IReadOnlyList<AttachmentRecord>> List()
    {
        string[] paths;
        try
        {
            paths = Directory.GetFiles(_folder, "*.json");
        }
        catch (DirectoryNotFoundException)
        {
            // The file system's only way to say that there is none.
            return Outcome<IReadOnlyList<AttachmentRecord>>.Of([]);
        }
        catch (UnauthorizedAccessException e)
        {
            // The runtime's only way to say EACCES.
            return StateFile.Forbidden(_folder, e.Message);
        }
        catch (IOException e)
        {
            // The disk's errors, and a file in the directory's place.
            return StateFile.Unreadable(_folder, e.Message) with { Kind = FaultKind.Kernel };
        }
        List<AttachmentRecord> records = [];
        foreach (string path in paths.Order(StringComparer.Ordinal))
        {
            if (!Read(path).Try(out AttachmentRecord? record, out Fault? fault))
                return fault;
            // One that was removed since the directory was read is no record any more.
            if (record is not null)
                records.Add(record);
        }
        return records;
    }

    /// <summary>The record of a VF, or null.</summary>
    public Outcome<AttachmentRecord?> Find(string vf) => Read(Path.Combine(stateDirectory, NameOf(vf)));

    /// <summary>Writes a record durably.</summary>
    public Outcome<Unit> Save(AttachmentRecord record) => StateFile.Write(stateDirectory, NameOf(record.Vf), RecordJson.WriteIndented(record));

    /// <summary>Removes a VF's record durably; success when there is none.</summary>
    public Outcome<Unit> Remove(string vf) => StateFile.Remove(Path.Combine(stateDirectory, NameOf(vf)));

    /// <summary>Removes the records of VFs that were destroyed: their successors at the same addresses are others.</summary>
    public Outcome<Unit> RemoveMany(IEnumerable<string> vfs)
    {
        Fault? stuck = null;
        foreach (string vf in vfs)
            stuck ??= Remove(vf).Fault;
        return stuck is null ? Unit.Done : stuck;
    }

    private static string NameOf(string vf) => $"{FolderName}/{FileName.Of(vf)}.json";

    private static Outcome<AttachmentRecord?> Read(string path)
    {
        if (!StateFile.Read(path, RecordJson.ReadAttachment).Try(out AttachmentRecord? record, out Fault? fault))
            return fault;
        if (record is null)
            return Outcome<AttachmentRecord?>.Of(null);
        if (record.Version is < 1 or > AttachmentRecord.Newest)
            return StateFile.Unreadable(path, $"its version is {record.Version}, and this vfleet knows 1 to {AttachmentRecord.Newest}");
        // A record under another VF's name, as after a copy by hand, would have that other VF restored instead, and without its lock.
        return Path.GetFileName(path) == $"{FileName.Of(record.Vf)}.json"
            ? record
            : StateFile.Unreadable(path, $"it is about {record.Vf}");
    }
}

/// <summary>Names of VFs and PFs as file names.</summary>
internal static class FileName
{
    /// <summary>The name with a slash turned into a dash; PCI addresses stay as they are.</summary>
    public static string Of(string name) => name.Replace('/', '-');
}
