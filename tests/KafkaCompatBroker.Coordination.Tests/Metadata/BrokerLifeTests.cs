using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

public class BrokerLifeTests
{
    private static PartitionImage Partition(ControllerFixture fixture, string topic = "t", int index = 0) => fixture.Image.Topic(topic)!.Partitions[index];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_restart_of_the_only_node_raises_leader_epochs_by_two(bool isClean)
    {
        var fixture = new ControllerFixture();
        fixture.Create("t");
        if (isClean)
        {
            Assert.False(fixture.Heartbeat(1, wantShutDown: true).ShouldShutDown);
            Assert.True(fixture.Heartbeat(1, wantShutDown: true).ShouldShutDown);
            Assert.Equal(PartitionImage.NoLeader, Partition(fixture).Leader);
            Assert.Equal([1], Partition(fixture).EligibleLeaderReplicas);
            Assert.Equal([1], Partition(fixture).LastKnownElr);
        }

        fixture.Start(1, wasClean: isClean);
        PartitionImage partition = Partition(fixture);
        Assert.Equal((1, 2), (partition.Leader, partition.LeaderEpoch));
        Assert.Equal([1], partition.Isr);
        Assert.Empty(partition.EligibleLeaderReplicas);
        Assert.Empty(partition.LastKnownElr);
    }

    [Fact]
    public void Records_of_a_controlled_shutdown_are_those_that_kafka_writes()
    {
        var fixture = new ControllerFixture();
        fixture.Create("t");
        int before = fixture.Log.Count;
        fixture.Heartbeat(1, wantShutDown: true);
        IMessage[] written = [.. fixture.Log.Skip(before)];
        var change = Assert.IsType<BrokerRegistrationChangeRecord>(written[0]);
        Assert.Equal((sbyte)1, change.InControlledShutdown);
        Assert.Equal(1, RecordVersions.Of(change, fixture.Image.MetadataVersion));
        var partition = Assert.IsType<PartitionChangeRecord>(written[1]);
        Assert.Equal(-1, partition.Leader);
        Assert.Empty(partition.Isr!);
        Assert.Equal([1], partition.EligibleLeaderReplicas!);
        Assert.Equal([1], partition.LastKnownElr!);
    }

    [Fact]
    public void Without_eligible_leader_replicas_the_last_in_sync_replica_stays()
    {
        var fixture = new ControllerFixture(1, 20);
        fixture.Create("t");
        fixture.Heartbeat(1, wantFence: true);
        Assert.Equal([1], Partition(fixture).Isr);
        Assert.Equal(PartitionImage.NoLeader, Partition(fixture).Leader);
        fixture.Heartbeat(1);
        Assert.Equal(1, Partition(fixture).Leader);
    }

    [Fact]
    public void Another_in_sync_replica_takes_over()
    {
        var fixture = new ControllerFixture(3);
        fixture.Create("t", 1, 3);
        int first = Partition(fixture).Leader;
        fixture.Heartbeat(first, wantFence: true);
        PartitionImage partition = Partition(fixture);
        Assert.NotEqual(first, partition.Leader);
        Assert.DoesNotContain(first, partition.Isr);
        Assert.Equal(1, partition.LeaderEpoch);
        Assert.Empty(partition.EligibleLeaderReplicas);
    }

    [Fact]
    public void Replicas_that_leave_below_the_minimum_stay_eligible_and_lead_again()
    {
        var fixture = new ControllerFixture(3);
        fixture.Create("t", 1, 3, ("min.insync.replicas", "2"));
        int[] order = Partition(fixture).Replicas;
        foreach (int id in order) fixture.Heartbeat(id, wantFence: true);
        PartitionImage partition = Partition(fixture);
        Assert.Equal(PartitionImage.NoLeader, partition.Leader);
        Assert.Empty(partition.Isr);
        Assert.Equal(order.Skip(1).Order(), partition.EligibleLeaderReplicas.Order());
        fixture.Heartbeat(order[0]);
        Assert.Equal(PartitionImage.NoLeader, Partition(fixture).Leader);
        fixture.Heartbeat(order[1]);
        Assert.Equal(order[1], Partition(fixture).Leader);
    }

    [Fact]
    public void A_replica_that_may_have_lost_writes_is_not_eligible_while_another_is()
    {
        var fixture = new ControllerFixture(3);
        fixture.Create("t", 1, 3, ("min.insync.replicas", "2"));
        int[] order = Partition(fixture).Replicas;
        foreach (int id in order) fixture.Heartbeat(id, wantFence: true);
        fixture.Start(order[1], wasClean: false);
        Assert.Equal(PartitionImage.NoLeader, Partition(fixture).Leader);
        Assert.Equal([order[2]], Partition(fixture).EligibleLeaderReplicas);
    }

    [Fact]
    public void Silent_brokers_are_fenced_after_their_session()
    {
        var fixture = new ControllerFixture(2);
        fixture.Heartbeat(2, nowMs: 101_000);
        Assert.Empty(fixture.Controller.FenceSilentBroker(109_999));
        fixture.Commit(fixture.Controller.FenceSilentBroker(110_000));
        Assert.True(fixture.Image.Brokers[2].IsFenced);
        Assert.Empty(fixture.Controller.FenceSilentBroker(110_000));
    }

    [Fact]
    public void Stale_or_unknown_brokers_are_refused()
    {
        var fixture = new ControllerFixture();
        Assert.Equal(ErrorCode.StaleBrokerEpoch, fixture.Controller.BrokerHeartbeat(new BrokerHeartbeatRequest { BrokerId = 1, BrokerEpoch = 0 }, 0).Response.ErrorCode);
        Assert.Equal(ErrorCode.BrokerIdNotRegistered, fixture.Controller.BrokerHeartbeat(new BrokerHeartbeatRequest { BrokerId = 5 }, 0).Response.ErrorCode);
        Assert.Equal(ErrorCode.BrokerIdNotRegistered, fixture.Controller.UnregisterBroker(new UnregisterBrokerRequest { BrokerId = 77 }).Response.ErrorCode);
        BrokerRegistrationRequest foreign = fixture.Registration(2);
        foreign.ClusterId = "other";
        Assert.Equal(ErrorCode.InconsistentClusterId, fixture.Controller.RegisterBroker(foreign, 99, 0).Response.ErrorCode);
        BrokerRegistrationRequest old = fixture.Registration(2);
        old.Features = [];
        Assert.Equal(ErrorCode.UnsupportedVersion, fixture.Controller.RegisterBroker(old, 99, 0).Response.ErrorCode);
    }

    [Fact]
    public void Producer_ids_are_given_out_once()
    {
        var fixture = new ControllerFixture();
        var request = new AllocateProducerIdsRequest { BrokerId = 1, BrokerEpoch = fixture.Image.Brokers[1].Epoch };
        Assert.Equal((0L, 1000), (fixture.Run(fixture.Controller.AllocateProducerIds(request)) is var first ? first.ProducerIdStart : -1, first.ProducerIdLen));
        Assert.Equal(1000, fixture.Run(fixture.Controller.AllocateProducerIds(request)).ProducerIdStart);
        Assert.Equal(ErrorCode.StaleBrokerEpoch, fixture.Controller.AllocateProducerIds(new AllocateProducerIdsRequest { BrokerId = 1, BrokerEpoch = -1 }).Response.ErrorCode);
    }

    [Fact]
    public void Preferred_leaders_can_be_elected_back()
    {
        var fixture = new ControllerFixture(3);
        fixture.Create("t", 1, 3);
        int preferred = Partition(fixture).Replicas[0];
        fixture.Heartbeat(preferred, wantFence: true);
        fixture.Heartbeat(preferred);
        PartitionImage partition = Partition(fixture);
        fixture.Run(fixture.Controller.AlterPartition(new AlterPartitionRequest
        {
            BrokerId = partition.Leader,
            BrokerEpoch = fixture.Image.Brokers[partition.Leader].Epoch,
            Topics =
            [
                new AlterPartitionRequest.TopicData
                {
                    TopicId = fixture.Image.Topic("t")!.Id,
                    Partitions =
                    [
                        new AlterPartitionRequest.PartitionData
                        {
                            LeaderEpoch = partition.LeaderEpoch,
                            PartitionEpoch = partition.PartitionEpoch,
                            NewIsrWithEpochs = [.. partition.Replicas.Select(id => new AlterPartitionRequest.BrokerState { BrokerId = id, BrokerEpoch = fixture.Image.Brokers[id].Epoch })],
                        },
                    ],
                },
            ],
        }));
        Assert.Equal(3, Partition(fixture).Isr.Length);
        ElectLeadersResponse response = fixture.Run(fixture.Controller.ElectLeaders(new ElectLeadersRequest { TopicPartitions = null }));
        Assert.Equal(ErrorCode.None, Assert.Single(Assert.Single(response.ReplicaElectionResults).PartitionResult).ErrorCode);
        Assert.Equal(preferred, Partition(fixture).Leader);
    }
}
