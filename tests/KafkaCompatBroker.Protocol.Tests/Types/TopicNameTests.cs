using System.Text.Json;
using KafkaCompatBroker.Protocol.Tests.Wire;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Protocol.Tests.Types;

public sealed class TopicNameTests
{
    private static readonly JsonElement Golden = GoldenVector.ReadJson("hashing.json.gz");

    [Fact]
    public void Accepts_and_refuses_the_names_that_the_reference_does()
    {
        foreach (JsonElement item in Golden.GetProperty("topicName").EnumerateArray())
        {
            string name = item.GetProperty("name").GetString()!;
            string? message = item.TryGetProperty("message", out JsonElement text) ? text.GetString() : null;

            Assert.Equal(message, TopicName.FindProblem(name));
            Assert.Equal(item.GetProperty("internal").GetBoolean(), TopicName.IsInternal(name));
            Assert.Equal(item.GetProperty("hasCollisionChars").GetBoolean(), TopicName.HasCollisionCharacters(name));
        }
    }

    [Fact]
    public void Finds_names_that_collide()
    {
        foreach (JsonElement item in Golden.GetProperty("topicCollision").EnumerateArray())
        {
            bool collide = TopicName.Collide(item.GetProperty("a").GetString()!, item.GetProperty("b").GetString()!);
            Assert.Equal(item.GetProperty("collide").GetBoolean(), collide);
        }
    }
}
