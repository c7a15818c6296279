using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Tests.Formatting;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Broker.Tests.Quorum;

public sealed class QuorumStateFileTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Is_what_Kafka_writes_with_static_voters() => RoundTrips(
        """{"clusterId":"","leaderId":1,"leaderEpoch":2,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}""",
        new QuorumStateRecord(2, 1, null),
        new VoterSet([new Voter(new ReplicaKey(1, DirectoryId.Zero), [], 0, 0)]));

    [Fact]
    public void Is_what_Kafka_writes_with_voters_in_the_log()
    {
        RoundTrips(
            """{"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}""",
            new QuorumStateRecord(1, 1, null), null);
        RoundTrips(
            """{"leaderId":-1,"leaderEpoch":7,"votedId":3,"votedDirectoryId":"JEXY6aqzQY-32P5TStzaFg","data_version":1}""",
            new QuorumStateRecord(7, -1, new ReplicaKey(3, VoterRecords.ToDirectoryId(Protocol.Types.Uuid.Parse("JEXY6aqzQY-32P5TStzaFg")))), null);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"leaderId":"x","leaderEpoch":7,"votedId":3,"data_version":1}""")]
    [InlineData("""{"leaderId":1,"leaderEpoch":7,"votedId":3,"data_version":2}""")]
    public void Refuses_to_guess_from_a_damaged_file(string text)
    {
        File.WriteAllText(_root["quorum-state"], text);
        Assert.Throws<FormatException>(() => new QuorumStateFile(new MappedFileStore(_root.Path), _root.Path).Read());
    }

    private void RoundTrips(string text, QuorumStateRecord state, VoterSet? staticVoters)
    {
        var file = new QuorumStateFile(new MappedFileStore(_root.Path), _root.Path);
        file.Write(state, staticVoters);
        Assert.Equal(text, File.ReadAllText(_root["quorum-state"]));
        Assert.Equal(state, file.Read());
    }
}
