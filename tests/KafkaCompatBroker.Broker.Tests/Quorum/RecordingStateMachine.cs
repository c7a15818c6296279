using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Tests.Quorum;

/// <summary>Keeps what it was given; its state is the topics by name.</summary>
internal sealed class RecordingStateMachine : IMetadataStateMachine
{
    private readonly SortedDictionary<string, TopicRecord> _topics = new(StringComparer.Ordinal);

    public List<IMessage> Records { get; } = [];

    public List<long> Offsets { get; } = [];

    public List<Leadership> Leaderships { get; } = [];

    public int Resets { get; private set; }

    public IEnumerable<string> Topics => _topics.Keys;

    public IReadOnlyDictionary<string, Protocol.Types.Uuid> TopicIds => _topics.ToDictionary(topic => topic.Key, topic => topic.Value.TopicId);

    public void Load(long offset, int epoch, IEnumerable<IMessage> records)
    {
        Resets++;
        _topics.Clear();
        Committed(offset, epoch, [.. records]);
    }

    public void Committed(long offset, int epoch, IReadOnlyList<IMessage> records)
    {
        if (Offsets.Count > 0) Assert.True(offset >= Offsets[^1], $"Offset {offset} after {Offsets[^1]}.");
        Offsets.Add(offset);
        Records.AddRange(records);
        foreach (var record in records)
        {
            if (record is TopicRecord topic) _topics[topic.Name] = topic;
            if (record is RemoveTopicRecord removed) _topics.Remove(_topics.Values.Single(known => known.TopicId == removed.TopicId).Name);
        }
    }

    public void LeadershipChanged(Leadership leadership) => Leaderships.Add(leadership);

    public IEnumerable<(IMessage Record, short Version)> SnapshotRecords()
    {
        (IMessage, short)[] records = [.. _topics.Values.Select(topic => ((IMessage)topic, (short)0))];
        return records;
    }
}
