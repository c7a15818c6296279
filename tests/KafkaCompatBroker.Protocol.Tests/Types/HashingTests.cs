using System.Text.Json;
using KafkaCompatBroker.Protocol.Tests.Wire;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Protocol.Tests.Types;

public sealed class HashingTests
{
    private static readonly JsonElement Golden = GoldenVector.ReadJson("hashing.json.gz");

    [Fact]
    public void Murmur2_places_keys_as_the_reference_does()
    {
        foreach (JsonElement item in Golden.GetProperty("murmur2").EnumerateArray())
        {
            byte[] key = Convert.FromHexString(item.GetProperty("hex").GetString()!);
            Assert.Equal(item.GetProperty("murmur2").GetInt32(), Murmur2.Of(key));
            Assert.Equal(item.GetProperty("partition").GetInt32(), Murmur2.Partition(key, item.GetProperty("partitions").GetInt32()));
        }
    }

    [Fact]
    public void Java_hash_finds_the_coordinator_of_an_id()
    {
        foreach (JsonElement item in Golden.GetProperty("coordinatorPartition").EnumerateArray())
        {
            string id = item.GetProperty("id").GetString()!;
            Assert.Equal(item.GetProperty("javaHashCode").GetInt32(), JavaHash.Of(id));
            Assert.Equal(item.GetProperty("of50").GetInt32(), JavaHash.CoordinatorPartition(id, 50));
            Assert.Equal(item.GetProperty("of7").GetInt32(), JavaHash.CoordinatorPartition(id, 7));
        }
    }

    [Fact]
    public void Share_partition_keys_find_their_coordinator()
    {
        foreach (JsonElement item in Golden.GetProperty("sharePartitionKey").EnumerateArray())
        {
            Assert.Equal(item.GetProperty("of50").GetInt32(), JavaHash.CoordinatorPartition(item.GetProperty("key").GetString()!, 50));
        }
    }
}
