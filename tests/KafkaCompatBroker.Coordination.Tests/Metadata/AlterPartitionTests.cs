using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

public sealed class AlterPartitionTests
{
    private readonly ControllerFixture _fixture = new(3);

    public AlterPartitionTests() => _fixture.Create("t", 1, 3, ("min.insync.replicas", "2"));

    private PartitionImage Partition => _fixture.Image.Topic("t")!.Partitions[0];

    private int[] Others => [.. Partition.Replicas.Where(id => id != Partition.Leader)];

    [Fact]
    public void Leader_shrinks_and_expands_its_in_sync_replicas()
    {
        AlterPartitionResponse.PartitionData shrunk = Alter([Partition.Leader]);
        Assert.Equal((ErrorCode.None, 1, 0), (shrunk.ErrorCode, shrunk.PartitionEpoch, shrunk.LeaderEpoch));
        Assert.Equal([Partition.Leader], Partition.Isr);
        Assert.Equal(Others.Order(), Partition.EligibleLeaderReplicas.Order());

        AlterPartitionResponse.PartitionData grown = Alter([Partition.Leader, Others[0]]);

        Assert.Equal([Partition.Leader, Others[0]], grown.Isr);
        Assert.Empty(Partition.EligibleLeaderReplicas);
    }

    [Theory]
    [InlineData(0, -1, ErrorCode.NotController, ErrorCode.InvalidUpdateVersion)]
    [InlineData(-1, 0, ErrorCode.FencedLeaderEpoch, ErrorCode.NotController)]
    public void Epochs_must_be_those_of_the_controller(int leaderEpochOff, int partitionEpochOff, ErrorCode older, ErrorCode newer)
    {
        bool isLeaderEpoch = leaderEpochOff != 0;
        Assert.Equal(isLeaderEpoch ? older : newer, Alter([Partition.Leader], leaderEpochOff, partitionEpochOff).ErrorCode);
        Assert.Equal(isLeaderEpoch ? newer : older, Alter([Partition.Leader], -leaderEpochOff, -partitionEpochOff).ErrorCode);
    }

    [Fact]
    public void Broker_that_is_fenced_or_of_another_start_is_not_eligible()
    {
        int other = Others[0];
        Assert.Equal(ErrorCode.IneligibleReplica, Alter([Partition.Leader, other], brokerEpochOff: 1).ErrorCode);
        _fixture.Heartbeat(other, wantFence: true);

        Assert.Equal(ErrorCode.IneligibleReplica, Alter([Partition.Leader, other]).ErrorCode);
    }

    [Fact]
    public void In_sync_replicas_without_the_leader_or_with_strangers_are_refused()
    {
        Assert.Equal(ErrorCode.InvalidRequest, Alter([Others[0]]).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, Alter([Partition.Leader, Partition.Leader]).ErrorCode);
    }

    [Fact]
    public void Leader_that_led_last_leads_again_when_nobody_is_sure_to_have_everything()
    {
        int[] order = Partition.Replicas;
        foreach (int id in order) _fixture.Heartbeat(id, wantFence: true);
        Assert.Equal([order[2]], Partition.LastKnownElr);
        foreach (int id in order.Take(2)) _fixture.Start(id, wasClean: false);
        Assert.Equal(PartitionImage.NoLeader, Partition.Leader);

        _fixture.Start(order[2], wasClean: false);

        Assert.Equal((order[2], 1), (Partition.Leader, Partition.LeaderRecoveryState));
        Assert.Equal([order[2]], Partition.Isr);
    }

    private AlterPartitionResponse.PartitionData Alter(int[] isr, int leaderEpochOff = 0, int partitionEpochOff = 0, long brokerEpochOff = 0)
    {
        AlterPartitionResponse response = _fixture.Run(_fixture.Controller.AlterPartition(new AlterPartitionRequest
        {
            BrokerId = Partition.Leader,
            BrokerEpoch = _fixture.Image.Brokers[Partition.Leader].Epoch,
            Topics =
            [
                new AlterPartitionRequest.TopicData
                {
                    TopicId = _fixture.Image.Topic("t")!.Id,
                    Partitions =
                    [
                        new AlterPartitionRequest.PartitionData
                        {
                            LeaderEpoch = Partition.LeaderEpoch + leaderEpochOff,
                            PartitionEpoch = Partition.PartitionEpoch + partitionEpochOff,
                            NewIsrWithEpochs =
                            [
                                .. isr.Select(id => new AlterPartitionRequest.BrokerState
                                {
                                    BrokerId = id,
                                    BrokerEpoch = _fixture.Image.Brokers[id].Epoch + (id == Partition.Leader ? 0 : brokerEpochOff),
                                }),
                            ],
                        },
                    ],
                },
            ],
        }));
        return response.Topics[0].Partitions[0];
    }
}
