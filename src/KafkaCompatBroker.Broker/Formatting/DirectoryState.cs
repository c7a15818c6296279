using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>A log directory as found: formatted, empty, or with a problem.</summary>
/// <param name="Path">The directory, an entry of log.dirs.</param>
/// <param name="Meta">Its identity, null when it is not formatted or cannot be read.</param>
/// <param name="Problem">Why it cannot be read, null when it can.</param>
internal sealed record DirectoryState(string Path, MetaProperties? Meta, string? Problem)
{
    public static DirectoryState Read(string path)
    {
        if (File.Exists(path)) return new DirectoryState(path, null, "is not a directory");
        if (!Directory.Exists(path)) return new DirectoryState(path, null, null);
        try
        {
            return new DirectoryState(path, MetaProperties.Read(new MappedFileStore(path)), null);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return new DirectoryState(path, null, failure.Message);
        }
    }
}
