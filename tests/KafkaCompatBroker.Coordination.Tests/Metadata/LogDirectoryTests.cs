using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

/// <summary>What the controller makes of the log directories of brokers (KIP-858).</summary>
public class LogDirectoryTests
{
    private static readonly Uuid Good = new(5, 1);
    private static readonly Uuid Bad = new(5, 77);

    [Fact]
    public void Replicas_of_a_broker_with_several_directories_have_none_until_it_names_them()
    {
        var fixture = new ControllerFixture(metadataVersion: FeatureCatalog.HighestMetadataVersion);
        Restart(fixture, [Good, Bad]);
        fixture.Create("t", partitions: 2);
        Assert.All(Partitions(fixture), static partition => Assert.Equal([Uuid.UnassignedDirectory], partition.Directories));
        Assign(fixture, Bad, 1);
        Assert.Equal(Bad, Partitions(fixture)[1].Directories[0]);
        Assert.Equal(0, Partitions(fixture)[1].LeaderEpoch);
    }

    [Fact]
    public void Replicas_of_a_failed_directory_lose_their_leader_and_get_it_back_with_the_directory()
    {
        ControllerFixture fixture = TwoDirectories();
        Beat(fixture, [Bad]);
        Assert.Equal([1, -1], Partitions(fixture).Select(static partition => partition.Leader));
        Assert.Equal(Good, Assert.Single(fixture.Image.Brokers[1].LogDirs));
        int written = fixture.Log.Count;
        Beat(fixture, [Bad]);
        Assert.Equal(written, fixture.Log.Count);

        Restart(fixture, [Good]);
        Assert.Equal([1, -1], Partitions(fixture).Select(static partition => partition.Leader));
        Restart(fixture, [Good, Bad]);
        Assert.Equal([1, 1], Partitions(fixture).Select(static partition => partition.Leader));
    }

    [Fact]
    public void A_broker_that_comes_back_and_tells_of_a_failure_in_one_breath_leads_nothing_in_that_directory()
    {
        ControllerFixture fixture = TwoDirectories();
        fixture.Heartbeat(1, wantFence: true);
        Beat(fixture, [Bad]);
        Assert.False(fixture.Image.Brokers[1].IsFenced);
        Assert.Equal([1, -1], Partitions(fixture).Select(static partition => partition.Leader));
    }

    [Fact]
    public void A_replica_that_is_made_again_elsewhere_may_lead()
    {
        ControllerFixture fixture = TwoDirectories();
        Beat(fixture, [Bad]);
        Assign(fixture, Good, 1);
        Assert.Equal((1, Good), (Partitions(fixture)[1].Leader, Partitions(fixture)[1].Directories[0]));
    }

    private static System.Collections.Immutable.ImmutableArray<PartitionImage> Partitions(ControllerFixture fixture) => fixture.Image.Topic("t")!.Partitions;

    private static ControllerFixture TwoDirectories()
    {
        var fixture = new ControllerFixture();
        Restart(fixture, [Good, Bad]);
        fixture.Create("t", partitions: 2);
        Assign(fixture, Good, 0);
        Assign(fixture, Bad, 1);
        return fixture;
    }

    private static void Restart(ControllerFixture fixture, Uuid[] directories)
    {
        BrokerRegistrationRequest request = fixture.Registration(1, previousEpoch: fixture.Image.Brokers[1].Epoch);
        request.LogDirs = directories;
        Assert.Equal(ErrorCode.None, fixture.Run(fixture.Controller.RegisterBroker(request, fixture.Image.Offset + 1, 0)).ErrorCode);
        Beat(fixture, []);
    }

    private static void Beat(ControllerFixture fixture, Uuid[] failed) => fixture.Run(fixture.Controller.BrokerHeartbeat(
        new BrokerHeartbeatRequest { BrokerId = 1, BrokerEpoch = fixture.Image.Brokers[1].Epoch, CurrentMetadataOffset = fixture.Image.Offset, OfflineLogDirs = failed }, 0));

    private static void Assign(ControllerFixture fixture, Uuid directory, int partition) => fixture.Run(fixture.Controller.AssignReplicasToDirs(new AssignReplicasToDirsRequest
    {
        BrokerId = 1,
        BrokerEpoch = fixture.Image.Brokers[1].Epoch,
        Directories =
        [
            new AssignReplicasToDirsRequest.DirectoryData
            {
                Id = directory,
                Topics = [new AssignReplicasToDirsRequest.TopicData { TopicId = fixture.Image.Topic("t")!.Id, Partitions = [new AssignReplicasToDirsRequest.PartitionData { PartitionIndex = partition }] }],
            },
        ],
    }));
}
