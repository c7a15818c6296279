using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

public sealed class MutationTests
{
    private const int PositionsMax = 32;

    public static TheoryData<string> Files => [.. GoldenVector.Files()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Truncated_messages_are_refused_or_read(string file)
    {
        foreach (GoldenVector vector in Sample(file))
        {
            MessageCodec codec = MessageCodec.For(vector.ClassName);
            foreach (int length in Positions(vector.Bytes.Length))
            {
                Assert.False(AllocationMeter.Decode(codec, vector.Version, vector.Bytes[..length]), $"{vector} cut to {length} bytes was read");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Messages_with_a_replaced_byte_are_refused_or_read(string file)
    {
        foreach (GoldenVector vector in Sample(file))
        {
            MessageCodec codec = MessageCodec.For(vector.ClassName);
            foreach (int position in Positions(vector.Bytes.Length))
            {
                byte original = vector.Bytes[position];
                foreach (byte replacement in new byte[] { 0x00, 0x7F, 0x80, 0xFF, (byte)(original + 1), (byte)(original - 1) })
                {
                    byte[] mutated = [.. vector.Bytes];
                    mutated[position] = replacement;
                    AllocationMeter.Decode(codec, vector.Version, mutated);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Messages_with_a_replaced_number_are_refused_or_read(string file)
    {
        byte[][] numbers = [[0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFE], [0, 0x10, 0, 0], [0xFF, 0xFF, 0xFF, 0x0F]];
        foreach (GoldenVector vector in Sample(file))
        {
            MessageCodec codec = MessageCodec.For(vector.ClassName);
            foreach (int position in Positions(vector.Bytes.Length - 3))
            {
                foreach (byte[] number in numbers)
                {
                    byte[] mutated = [.. vector.Bytes];
                    number.CopyTo(mutated, position);
                    AllocationMeter.Decode(codec, vector.Version, mutated);
                }
            }
        }
    }

    // The two cases with the richest structure; the others repeat their shapes.
    private static IEnumerable<GoldenVector> Sample(string file) =>
        GoldenVector.Read(file).Where(vector => vector.Case is "filled-1" or "unknown-tags");

    private static IEnumerable<int> Positions(int length)
    {
        int step = Math.Max(1, length / PositionsMax);
        for (int position = 0; position < length; position += step)
        {
            yield return position;
        }
    }
}
