using KafkaCompatBroker.Coordination.Partitions;
using Xunit;

namespace KafkaCompatBroker.Coordination.Tests.Partitions;

public sealed class ThrottledReplicasTests
{
    [Fact]
    public void Those_of_the_broker_are_throttled()
    {
        ThrottledReplicas throttled = ThrottledReplicas.Of(["0:1", "1:2", "3:1", "10:12"], brokerId: 1);

        Assert.Equal([0, 3], Enumerable.Range(0, 20).Where(throttled.Contains));
    }

    [Fact]
    public void Asterisk_is_all_of_them() => Assert.True(ThrottledReplicas.Of(["*"], brokerId: 1).Contains(7));

    [Fact]
    public void Empty_list_is_none_of_them() => Assert.False(ThrottledReplicas.Of([], brokerId: 1).Contains(0));
}
