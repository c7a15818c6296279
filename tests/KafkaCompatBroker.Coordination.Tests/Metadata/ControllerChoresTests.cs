using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

public class ControllerChoresTests
{
    [Fact]
    public void Leaders_go_back_to_the_first_replica_when_it_is_in_sync_again()
    {
        var fixture = new ControllerFixture(brokers: 3);
        fixture.Create("t", partitions: 3, replicationFactor: 3);
        int first = fixture.Image.Topic("t")!.Partitions[0].Replicas[0];
        fixture.Heartbeat(first, wantShutDown: true);
        fixture.Heartbeat(first, wantShutDown: true);
        fixture.Start(first);
        Assert.NotEqual(first, fixture.Image.Topic("t")!.Partitions[0].Leader);
        Assert.Empty(fixture.Controller.BalanceLeaders(10));

        Rejoin(fixture, first);
        Assert.Single(fixture.Controller.BalanceLeaders(1));
        fixture.Commit(fixture.Controller.BalanceLeaders(10));
        Assert.All(fixture.Image.Topic("t")!.Partitions, static partition => Assert.Equal(partition.Replicas[0], partition.Leader));
        Assert.Empty(fixture.Controller.BalanceLeaders(10));
    }

    [Fact]
    public void Unclean_leaders_are_elected_only_where_the_topic_allows_it()
    {
        var fixture = new ControllerFixture(brokers: 2, metadataVersion: 21);
        fixture.Create("safe", replicationFactor: 2);
        fixture.Create("loose", replicationFactor: 2);
        foreach (string name in (string[])["safe", "loose"]) Assert.NotEqual(-1, fixture.Image.Topic(name)!.Partitions[0].Leader);
        fixture.Heartbeat(1, wantFence: true);
        fixture.Heartbeat(2, wantFence: true);
        fixture.Start(1);
        Assert.Equal(-1, fixture.Image.Topic("loose")!.Partitions[0].Leader);
        fixture.Run(fixture.Controller.IncrementalAlterConfigs(new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new IncrementalAlterConfigsRequest.AlterConfigsResource
                {
                    ResourceType = 2,
                    ResourceName = "loose",
                    Configs = [new IncrementalAlterConfigsRequest.AlterableConfig { Name = "unclean.leader.election.enable", Value = "true" }],
                },
            ],
        }));
        fixture.Commit(fixture.Controller.ElectUncleanLeaders(10));
        Assert.Equal(1, fixture.Image.Topic("loose")!.Partitions[0].Leader);
        Assert.Equal(-1, fixture.Image.Topic("safe")!.Partitions[0].Leader);
        Assert.Empty(fixture.Controller.ElectUncleanLeaders(10));
    }

    [Fact]
    public void A_broker_that_shuts_down_is_fenced_when_it_asks_again()
    {
        var fixture = new ControllerFixture(brokers: 2);
        fixture.Create("t", partitions: 4, replicationFactor: 2);
        BrokerHeartbeatResponse first = fixture.Heartbeat(1, wantShutDown: true);
        Assert.False(first.ShouldShutDown);
        Assert.All(fixture.Image.Topic("t")!.Partitions, static partition => Assert.Equal(2, partition.Leader));
        Assert.False(fixture.Image.Brokers[1].IsFenced);
        BrokerHeartbeatResponse second = fixture.Heartbeat(1, wantShutDown: true);
        Assert.True(second.ShouldShutDown);
        Assert.True(fixture.Image.Brokers[1].IsFenced);
        Assert.True(fixture.Heartbeat(1, wantShutDown: true).ShouldShutDown);
    }

    [Fact]
    public void A_failed_directory_costs_its_partitions_their_leader_and_is_forgotten()
    {
        var fixture = new ControllerFixture(brokers: 2);
        fixture.Create("t", partitions: 2, replicationFactor: 2);
        BrokerImage broker = fixture.Image.Brokers[1];
        Uuid lost = Assert.Single(broker.LogDirs);
        fixture.Run(fixture.Controller.BrokerHeartbeat(
            new BrokerHeartbeatRequest { BrokerId = 1, BrokerEpoch = broker.Epoch, CurrentMetadataOffset = fixture.Image.Offset, OfflineLogDirs = [lost] }, 1_000_000));
        Assert.All(fixture.Image.Topic("t")!.Partitions, static partition => Assert.Equal((2, 1), (partition.Leader, partition.Isr.Length)));
    }

    [Fact]
    public void Replicas_are_noted_in_the_directory_that_their_broker_names()
    {
        var fixture = new ControllerFixture(brokers: 2);
        fixture.Create("t", replicationFactor: 2);
        TopicImage topic = fixture.Image.Topic("t")!;
        BrokerImage broker = fixture.Image.Brokers[2];
        Uuid directory = Assert.Single(broker.LogDirs);
        fixture.Commit([new PartitionChangeRecord { PartitionId = 0, TopicId = topic.Id, Directories = [Uuid.UnassignedDirectory, Uuid.UnassignedDirectory] }]);
        AssignReplicasToDirsRequest request = new()
        {
            BrokerId = 2,
            BrokerEpoch = broker.Epoch,
            Directories =
            [
                new AssignReplicasToDirsRequest.DirectoryData
                {
                    Id = directory,
                    Topics =
                    [
                        new AssignReplicasToDirsRequest.TopicData
                        {
                            TopicId = topic.Id,
                            Partitions = [new AssignReplicasToDirsRequest.PartitionData(), new AssignReplicasToDirsRequest.PartitionData { PartitionIndex = 7 }],
                        },
                        new AssignReplicasToDirsRequest.TopicData { TopicId = new Uuid(1, 1), Partitions = [new AssignReplicasToDirsRequest.PartitionData()] },
                    ],
                },
            ],
        };
        AssignReplicasToDirsResponse response = fixture.Run(fixture.Controller.AssignReplicasToDirs(request));
        Assert.Equal(
            [ErrorCode.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicId],
            response.Directories[0].Topics.SelectMany(static one => one.Partitions.Select(static partition => partition.ErrorCode)));
        PartitionImage after = fixture.Image.Topic("t")!.Partitions[0];
        Assert.Equal(directory, after.Directories[Array.IndexOf(after.Replicas, 2)]);
        Assert.Equal(Uuid.UnassignedDirectory, after.Directories[Array.IndexOf(after.Replicas, 1)]);
        request.BrokerEpoch++;
        Assert.Equal(ErrorCode.StaleBrokerEpoch, fixture.Run(fixture.Controller.AssignReplicasToDirs(request)).ErrorCode);
    }

    [Fact]
    public void A_controller_is_forgotten_but_not_the_active_one()
    {
        var fixture = new ControllerFixture();
        fixture.Run(fixture.Controller.RegisterController(new ControllerRegistrationRequest { ControllerId = 9 }));
        Assert.Equal(ErrorCode.InvalidRequest, fixture.Run(fixture.Controller.UnregisterController(new UnregisterControllerRequest { ControllerId = 1 })).ErrorCode);
        Assert.Equal(ErrorCode.ControllerIdNotRegistered, fixture.Run(fixture.Controller.UnregisterController(new UnregisterControllerRequest { ControllerId = 8 })).ErrorCode);
        Assert.Equal(ErrorCode.None, fixture.Run(fixture.Controller.UnregisterController(new UnregisterControllerRequest { ControllerId = 9 })).ErrorCode);
        Assert.Empty(fixture.Image.Controllers);
    }

    private static void Rejoin(ControllerFixture fixture, int broker)
    {
        TopicImage topic = fixture.Image.Topic("t")!;
        for (int index = 0; index < topic.Partitions.Length; index++)
        {
            PartitionImage partition = topic.Partitions[index];
            AlterPartitionResponse response = fixture.Run(fixture.Controller.AlterPartition(new AlterPartitionRequest
            {
                BrokerId = partition.Leader,
                BrokerEpoch = fixture.Image.Brokers[partition.Leader].Epoch,
                Topics =
                [
                    new AlterPartitionRequest.TopicData
                    {
                        TopicId = topic.Id,
                        Partitions =
                        [
                            new AlterPartitionRequest.PartitionData
                            {
                                PartitionIndex = index,
                                LeaderEpoch = partition.LeaderEpoch,
                                PartitionEpoch = partition.PartitionEpoch,
                                NewIsrWithEpochs =
                                [
                                    .. partition.Isr.Append(broker).Distinct().Select(id => new AlterPartitionRequest.BrokerState { BrokerId = id, BrokerEpoch = fixture.Image.Brokers[id].Epoch }),
                                ],
                            },
                        ],
                    },
                ],
            }));
            Assert.Equal(ErrorCode.None, response.Topics[0].Partitions[0].ErrorCode);
        }
    }
}
