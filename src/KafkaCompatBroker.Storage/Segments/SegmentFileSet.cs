using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Storage.Segments;

/// <summary>
/// The names of the files of one segment. What follows the usual names says where the segment is in its life: nothing, .cleaned, .swap or .deleted.
/// </summary>
internal sealed class SegmentFileSet(IFileStore store, string directory, long baseOffset, string life)
{
    private static readonly string[] Kinds =
        [SegmentName.LogSuffix, SegmentName.OffsetIndexSuffix, SegmentName.TimeIndexSuffix, SegmentName.TransactionIndexSuffix];

    private string _life = life;

    public string PathOf(string kind) => PathIn(_life, kind);

    /// <summary>The path of a file at another time of the segment's life.</summary>
    public string PathIn(string life, string kind) => Path.Combine(directory, SegmentName.Of(baseOffset, kind) + life);

    public void Rename(string life)
    {
        string[] before = [.. Kinds.Select(PathOf)];
        _life = life;
        foreach ((string from, string kind) in before.Zip(Kinds))
        {
            if (store.FileExists(from))
            {
                store.Rename(from, PathOf(kind));
            }
        }
    }

    public void Delete()
    {
        foreach (string kind in Kinds)
        {
            store.Delete(PathOf(kind));
        }
    }
}
