using System.Text.Json;
using KafkaCompatBroker.Protocol.Tests.Wire;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Protocol.Tests.Types;

public sealed class UuidTests
{
    private static readonly JsonElement Golden = GoldenVector.ReadJson("hashing.json.gz");

    [Fact]
    public void Text_and_halves_are_those_of_the_reference()
    {
        foreach (JsonElement item in Golden.GetProperty("uuid").EnumerateArray())
        {
            var id = new Uuid(
                (ulong)item.GetProperty("mostSignificant").GetInt64(), (ulong)item.GetProperty("leastSignificant").GetInt64());
            string text = item.GetProperty("text").GetString()!;

            Assert.Equal(text, id.ToString());
            Assert.Equal(id, Uuid.Parse(text));
            Assert.Equal(id, Uuid.FromBytes(Convert.FromHexString(item.GetProperty("hex").GetString()!)));
        }
    }

    [Fact]
    public void Reads_and_refuses_the_texts_that_the_reference_does()
    {
        foreach (JsonElement item in Golden.GetProperty("uuidFromText").EnumerateArray())
        {
            bool read = Uuid.TryParse(item.GetProperty("text").GetString(), out Uuid id);

            Assert.Equal(item.TryGetProperty("result", out JsonElement result), read);
            if (read)
            {
                Assert.Equal(result.GetString(), id.ToString());
            }
        }
    }

    [Fact]
    public void Orders_halves_as_signed_numbers() =>
        Assert.Equal(
            [new Uuid(ulong.MaxValue, 0), new Uuid(0, ulong.MaxValue), new Uuid(0, 0), new Uuid(0, 1)],
            new[] { new Uuid(0, 1), new Uuid(ulong.MaxValue, 0), new Uuid(0, 0), new Uuid(0, ulong.MaxValue) }.Order());
}
