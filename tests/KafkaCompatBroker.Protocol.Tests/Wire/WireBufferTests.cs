using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

public sealed class WireBufferTests
{
    [Fact]
    public void Big_records_are_referenced_and_small_ones_copied()
    {
        byte[] big = new byte[Limits.ReferencedBytesMin];
        byte[] small = new byte[Limits.ReferencedBytesMin - 1];
        using var buffer = new WireBuffer();

        buffer.WriteRecords(flexible: false, big);
        buffer.WriteRecords(flexible: false, small);

        Assert.Equal(3, buffer.Segments.Count);
        Assert.True(buffer.Segments[1].Equals((ReadOnlyMemory<byte>)big));
        Assert.Equal(4 + big.Length + 4 + small.Length, buffer.Length);
        Assert.Equal(buffer.Length, buffer.Segments.Sum(segment => segment.Length));
    }

    [Fact]
    public void A_patched_number_lands_where_it_was_written_whatever_was_referenced_before()
    {
        using var buffer = new WireBuffer();
        int first = buffer.Length;
        buffer.WriteInt32(0);
        buffer.Reference(new byte[5000]);
        int second = buffer.Length;
        buffer.WriteInt32(0);
        buffer.Reference(new byte[6000]);
        int third = buffer.Length;
        buffer.WriteInt32(0);

        buffer.PatchInt32(first, 1);
        buffer.PatchInt32(second, 2);
        buffer.PatchInt32(third, 3);

        byte[] frame = buffer.ToArray();
        Assert.Equal([0, 0, 0, 1], frame[..4]);
        Assert.Equal([0, 0, 0, 2], frame[5004..5008]);
        Assert.Equal([0, 0, 0, 3], frame[11008..]);
    }

    [Fact]
    public void Grows_without_losing_what_it_holds()
    {
        using var buffer = new WireBuffer();
        for (int i = 0; i < 10_000; i++)
        {
            buffer.WriteInt32(i);
        }

        var reader = new WireReader(buffer.ToArray());
        for (int i = 0; i < 10_000; i++)
        {
            Assert.Equal(i, reader.ReadInt32());
        }
    }

    [Fact]
    public void Is_empty_after_reset()
    {
        using var buffer = new WireBuffer();
        buffer.WriteInt64(1);
        buffer.Reference(new byte[10]);

        buffer.Reset();

        Assert.Equal(0, buffer.Length);
        Assert.Empty(buffer.Segments);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16383)]
    [InlineData(16384)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Varints_read_back_and_have_their_size(int value)
    {
        using var buffer = new WireBuffer();
        buffer.WriteUnsignedVarint((uint)value);
        Assert.Equal(WireSize.UnsignedVarint((uint)value), buffer.Length);
        buffer.WriteVarint(value);
        Assert.Equal(WireSize.UnsignedVarint((uint)value) + WireSize.Varint(value), buffer.Length);
        int before = buffer.Length;
        buffer.WriteVarlong((long)value << 31);
        Assert.Equal(WireSize.Varlong((long)value << 31), buffer.Length - before);

        var reader = new WireReader(buffer.ToArray());
        Assert.Equal((uint)value, reader.ReadUnsignedVarint());
        Assert.Equal(value, reader.ReadVarint());
        Assert.Equal((long)value << 31, reader.ReadVarlong());
    }

    [Fact]
    public void Refuses_a_string_longer_than_the_protocol_carries()
    {
        using var buffer = new WireBuffer();

        Assert.Throws<ArgumentException>(() => buffer.WriteString(flexible: true, new string('a', short.MaxValue + 1)));
    }

    [Fact]
    public void Refuses_a_value_that_the_version_cannot_carry()
    {
        using var buffer = new WireBuffer();
        var topics = new MetadataRequest { Topics = null };
        var sessions = new FetchRequest { ForgottenTopicsData = [new()] };

        Assert.Throws<UnsupportedFieldException>(() => topics.Write(buffer, 0));
        Assert.Throws<UnsupportedFieldException>(() => sessions.Write(buffer, 6));
    }

    [Fact]
    public void Drops_an_ignorable_value_that_the_version_cannot_carry()
    {
        var response = new MetadataResponse { ThrottleTimeMs = 5, ClusterId = "id" };

        var reader = new WireReader(MessageCodec.Write(response, 0));

        Assert.Equal(0, MetadataResponse.Read(ref reader, 0).ThrottleTimeMs);
    }
}
