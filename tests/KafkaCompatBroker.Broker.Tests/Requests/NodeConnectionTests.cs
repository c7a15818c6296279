using System.Net.Sockets;
using KafkaCompatBroker.Broker.Requests;
using Xunit;

namespace KafkaCompatBroker.Broker.Tests.Requests;

public sealed class NodeConnectionTests
{
    [Fact]
    public void Receive_buffer_is_as_large_as_asked_or_as_the_system_has_it()
    {
        using Socket usual = new(SocketType.Stream, ProtocolType.Tcp);
        using Socket small = NodeConnection.NewSocket(20_000);
        using Socket unchanged = NodeConnection.NewSocket(-1);

        // Linux doubles it, for what it needs itself.
        Assert.InRange(small.ReceiveBufferSize, 20_000, 40_000);
        Assert.Equal(usual.ReceiveBufferSize, unchanged.ReceiveBufferSize);
    }
}
