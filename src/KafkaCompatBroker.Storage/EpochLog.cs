using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// Leader epochs of a log and their checkpoint file. A change is written off the append path; until then the epochs in the batches are the record of it,
/// and the recovery point does not pass a change that is not on disk. An epoch without records is written with the next flush or on close only: a start
/// with ten thousand idle partitions writes nothing.
/// </summary>
internal sealed class EpochLog(LogEnvironment environment, string directory)
{
    private readonly Lock _writing = new();
    private int _version;
    private int _writtenVersion;
    private int _durableVersion;

    public EpochHistory History { get; } = new();

    public bool IsBehind => Volatile.Read(ref _version) != Volatile.Read(ref _writtenVersion);

    public void Load() => History.Load(EpochCheckpoint.Read(environment.Store, directory));

    /// <summary>Notes a change of <see cref="History"/>; call with its result.</summary>
    public bool Changed(bool changed)
    {
        if (changed)
        {
            Interlocked.Increment(ref _version);
        }

        return changed;
    }

    public void WriteIfChanged(bool durable)
    {
        lock (_writing)
        {
            int version = Volatile.Read(ref _version);
            if (version != (durable ? _durableVersion : _writtenVersion))
            {
                EpochCheckpoint.Write(environment.Store, directory, History.Entries, durable);
                Volatile.Write(ref _writtenVersion, version);
                _durableVersion = durable ? version : _durableVersion;
            }
        }
    }
}
