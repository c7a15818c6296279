using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

/// <summary>Decisions that grow with the number of partitions are written in several batches: a controller may die between any two of them.</summary>
public class LargeDecisionTests
{
    private const int Partitions = 12;
    private const long Later = 10_000_000;

    public static TheoryData<string> Changes => ["fence", "unfence", "directory", "register", "unregister"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_decision_that_was_written_in_part_is_finished_when_it_is_taken_again(string change)
    {
        int count = Decide(Cluster(change), change).Records.Count;
        Assert.InRange(count, 3, 100);
        IReadOnlyList<string> whole = After(change, count);
        for (int written = 0; written < count; written++) Assert.Equal(whole, After(change, written));
    }

    [Fact]
    public void Fencing_the_broker_of_very_many_partitions_need_not_be_one_write()
    {
        var fixture = new ControllerFixture(brokers: 2);
        for (int topic = 0; topic < 3; topic++) fixture.Create($"t{topic}", partitions: 9_000, replicationFactor: 2);
        Decision<BrokerHeartbeatResponse> decision = fixture.Controller.BrokerHeartbeat(
            new BrokerHeartbeatRequest { BrokerId = 1, BrokerEpoch = fixture.Image.Brokers[1].Epoch, CurrentMetadataOffset = fixture.Image.Offset, WantFence = true }, 0);
        Assert.Equal(27_001, decision.Records.Count);
        Assert.False(decision.IsAtomic);
        foreach (IMessage[] batch in decision.Records.Chunk(10_000)) fixture.Commit(batch);
        Assert.All(fixture.Image.TopicsById.Values.SelectMany(topic => topic.Partitions), partition => Assert.Equal(2, partition.Leader));
        Assert.True(fixture.Image.Brokers[1].IsFenced);
    }

    [Fact]
    public void What_users_create_stays_one_write()
    {
        var fixture = new ControllerFixture();
        Assert.True(fixture.Controller.CreateTopics(new CreateTopicsRequest { Topics = [ControllerFixture.Topic("t", 10)] }).IsAtomic);
    }

    private static IReadOnlyList<string> After(string change, int written)
    {
        ControllerFixture fixture = Cluster(change);
        fixture.Commit([.. Decide(fixture, change).Records.Take(written)]);

        // The controller that goes on is another one.
        fixture.Controller.ForgetSessions();
        fixture.Run(Decide(fixture, change));

        // A registration's epoch is its offset, which tells how it came about; all else must be the same.
        return [.. fixture.Image.TopicsById.Values.OrderBy(topic => topic.Name).SelectMany(topic => topic.Partitions).Select(Show),
            .. fixture.Image.Brokers.Values.Select(broker => $"{broker.Id} {broker.IsFenced} {string.Join(' ', broker.LogDirs)}")];
    }

    private static string Show(PartitionImage partition) =>
        $"{partition.Leader} {partition.LeaderEpoch} {string.Join(',', partition.Isr)} {string.Join(',', partition.EligibleLeaderReplicas)} {string.Join(',', partition.LastKnownElr)}";

    private static ControllerFixture Cluster(string change)
    {
        var fixture = new ControllerFixture(brokers: 2);
        fixture.Create("replicated", Partitions, 2);
        fixture.Create("single", Partitions);
        if (change == "unfence") fixture.Heartbeat(2, wantFence: true);
        return fixture;
    }

    private static Decision<object> Decide(ControllerFixture fixture, string change)
    {
        MetadataController controller = fixture.Controller;
        switch (change)
        {
            case "fence": return new Decision<object>(controller.FenceSilentBroker(Later) is { Count: > 0 } records ? records : controller.FenceSilentBroker(2 * Later), change);
            case "register": return Some(controller.RegisterBroker(Registration(), fixture.Image.Offset + 1, Later));
            case "unregister": return Some(controller.UnregisterBroker(new UnregisterBrokerRequest { BrokerId = 2 }));
            default:
                BrokerImage broker = fixture.Image.Brokers[2];
                return Some(controller.BrokerHeartbeat(
                    new BrokerHeartbeatRequest
                    {
                        BrokerId = 2,
                        BrokerEpoch = broker.Epoch,
                        CurrentMetadataOffset = fixture.Image.Offset,
                        OfflineLogDirs = change == "directory" ? [new Protocol.Types.Uuid(5, 2)] : [],
                    },
                    0));
        }

        BrokerRegistrationRequest Registration()
        {
            BrokerRegistrationRequest request = fixture.Registration(2);
            request.IncarnationId = new Protocol.Types.Uuid(9, 999_999);
            return request;
        }

        static Decision<object> Some<TResponse>(Decision<TResponse> decision)
            where TResponse : class
        {
            Assert.True(!decision.IsAtomic || decision.Records.Count == 0);
            return new Decision<object>(decision.Records, decision.Response);
        }
    }
}
