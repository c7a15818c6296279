using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>
/// What the parts of one log share. Offsets and properties are published for readers without a lock; everything is changed under <see cref="Lock"/>.
/// </summary>
internal sealed class LogState
{
    private LogConfig _config;
    private ValidationRules _rules;
    private long _logStartOffset;
    private long _logEndOffset;
    private long _highWatermark;
    private long _firstUnstableOffset;
    private long _cleanedUpTo;
    private int _writingEpochs;

    public LogState(LogEnvironment environment, TopicPartition topicPartition, string directory, LogConfig config, LoadedLog loaded)
    {
        Environment = environment;
        TopicPartition = topicPartition;
        Directory = directory;
        Segments = loaded.Segments;
        Producers = loaded.Producers;
        Epochs = loaded.Epochs;
        Flusher = new LogFlusher(environment, directory, loaded);
        _config = config;
        _rules = config.ToValidationRules();
        _logStartOffset = loaded.LogStartOffset;
        _logEndOffset = loaded.LogEndOffset;
        _highWatermark = Math.Clamp(loaded.HighWatermark, loaded.LogStartOffset, loaded.LogEndOffset);
        _firstUnstableOffset = Producers.States.FirstUnstableOffset;
        environment.LogOpened(topicPartition);
    }

    public Lock Lock { get; } = new();

    public LogEnvironment Environment { get; }

    public TopicPartition TopicPartition { get; }

    public string Directory { get; set; }

    public SegmentList Segments { get; }

    public ProducerLog Producers { get; }

    public EpochLog Epochs { get; }

    public LogFlusher Flusher { get; }

    public LogConfig Config
    {
        get => Volatile.Read(ref _config);
        set
        {
            Volatile.Write(ref _rules, value.ToValidationRules());
            Volatile.Write(ref _config, value);
        }
    }

    /// <summary>Below the last stable offset every transaction is decided and replicated.</summary>
    public long LastStableOffset
    {
        get
        {
            long highWatermark = HighWatermark;
            long unstable = FirstUnstableOffset;
            return unstable >= 0 && unstable < highWatermark ? unstable : highWatermark;
        }
    }

    /// <summary>Everything below went through a round of compaction; 0 before the first.</summary>
    public long CleanedUpTo
    {
        get => Volatile.Read(ref _cleanedUpTo);
        set => Volatile.Write(ref _cleanedUpTo, value);
    }

    /// <summary>How often the end of the log was cut: what was read of it before may not be true any more. Changed under the flusher's gate.</summary>
    public int Truncations { get; set; }

    /// <summary>Whether the segments were disposed of. Changed under the flusher's gate and <see cref="Lock"/>.</summary>
    public bool IsClosed { get; private set; }

    public ValidationRules Rules => Volatile.Read(ref _rules);

    public long LogStartOffset
    {
        get => Volatile.Read(ref _logStartOffset);
        set => Volatile.Write(ref _logStartOffset, value);
    }

    public long LogEndOffset
    {
        get => Volatile.Read(ref _logEndOffset);
        set => Volatile.Write(ref _logEndOffset, value);
    }

    public long HighWatermark
    {
        get => Volatile.Read(ref _highWatermark);
        set => Volatile.Write(ref _highWatermark, Math.Clamp(value, LogStartOffset, LogEndOffset));
    }

    /// <summary>First offset of an undecided or unreplicated transaction; -1 without any.</summary>
    public long FirstUnstableOffset => Volatile.Read(ref _firstUnstableOffset);

    /// <summary>The segments are being disposed of.</summary>
    public void Close()
    {
        if (!IsClosed)
        {
            Environment.LogClosed(TopicPartition);
        }

        IsClosed = true;
    }

    /// <summary>Publishes what producer state says after a change.</summary>
    public void PublishUnstable() => Volatile.Write(ref _firstUnstableOffset, Producers.States.FirstUnstableOffset);

    /// <summary>Notes the epoch of what is appended at an offset, or of a leadership that begins there.</summary>
    public void NoteEpoch(int epoch, long startOffset) => Epochs.Changed(Epochs.History.Assign(epoch, startOffset));

    /// <summary>Has the epochs written in the background if they are behind.</summary>
    public void WriteEpochsSoon()
    {
        if (Epochs.IsBehind && Interlocked.Exchange(ref _writingEpochs, 1) == 0)
        {
            Environment.Lane.Post(WriteEpochs);
        }
    }

    private void WriteEpochs()
    {
        Volatile.Write(ref _writingEpochs, 0);
        Flusher.Quietly("write epochs", () => Epochs.WriteIfChanged(durable: false));
    }
}
