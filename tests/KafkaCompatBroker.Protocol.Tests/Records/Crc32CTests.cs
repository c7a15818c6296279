using System.Text;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Protocol.Tests.Records;

public class Crc32CTests
{
    private static readonly byte[] Noise = CreateNoise(20_000);

    [Fact]
    public void Check_value_of_the_polynomial()
    {
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.Equal(0xCBF43926u, Crc32.Compute(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0u, Crc32C.Compute([]));
    }

    [Fact]
    public void Every_form_equals_a_bit_by_bit_checksum_for_every_length()
    {
        uint register = uint.MaxValue;
        for (int length = 0; length <= 9_000; length++)
        {
            if (length > 0)
                register = SlowStep(register, Noise[length - 1]);
            if (length > 700 && length % 61 > 1)
                continue;
            var bytes = Noise.AsSpan(0, length);
            Assert.Equal(~register, Crc32C.Compute(bytes));
            Assert.Equal(register, Crc32C.UpdatePortable(uint.MaxValue, bytes));
            if (Crc32CThreeWay.IsSupported)
                Assert.Equal(register, Crc32CThreeWay.Update(uint.MaxValue, bytes));
            if (Crc32CVector512.IsSupported && length >= Crc32CVector512.ShortestInput)
                Assert.Equal(register, Crc32CVector512.Update(uint.MaxValue, bytes));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(61)]
    [InlineData(300)]
    [InlineData(5_000)]
    public void Continues_where_another_part_ended(int first)
    {
        for (int start = 0; start < 9; start++)
        {
            var whole = Noise.AsSpan(start, 12_345);
            Assert.Equal(Crc32C.Compute(whole), Crc32C.Append(Crc32C.Compute(whole[..first]), whole[first..]));
        }
    }

    private static uint SlowStep(uint register, byte value)
    {
        register ^= value;
        for (int bit = 0; bit < 8; bit++)
            register = (register & 1) != 0 ? (register >> 1) ^ 0x82F63B78 : register >> 1;
        return register;
    }

    private static byte[] CreateNoise(int length)
    {
        var bytes = new byte[length];
        new Random(4711).NextBytes(bytes);
        return bytes;
    }
}
