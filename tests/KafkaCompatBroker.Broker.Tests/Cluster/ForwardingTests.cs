using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Testing;

namespace KafkaCompatBroker.Broker.Tests.Cluster;

public class ForwardingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_malformed_request_for_the_controller_ends_its_connection_and_is_not_tried_again(bool isController)
    {
        await using TestCluster? cluster = isController ? null : await TestCluster.StartAsync(1);
        await using TestBroker? combined = isController ? await TestBroker.StartAsync() : null;
        TestBroker broker = combined ?? cluster!.Brokers[0];
        using TestClient client = await broker.ConnectAsync();
        await client.SendRawAsync(CreateTopicsWithoutBody());
        // A request that is tried again ends only when its time is over, which is later than this client waits.
        await Assert.ThrowsAnyAsync<IOException>(() => client.ReceiveAsync<CreateTopicsResponse>(ApiKey.CreateTopics, 7));
        await broker.CreateTopicAsync("afterwards", 1);
    }

    private static byte[] CreateTopicsWithoutBody()
    {
        byte[] frame = [0, 0, 0, 11, 0, (byte)ApiKey.CreateTopics, 0, 7, 0, 0, 0, 1, 0xff, 0xff, 0];
        Assert.Equal(frame.Length - 4, BinaryPrimitives.ReadInt32BigEndian(frame));
        return frame;
    }
}
