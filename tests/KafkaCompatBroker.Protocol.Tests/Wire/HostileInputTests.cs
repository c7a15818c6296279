using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

public sealed class HostileInputTests
{
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1 << 20)]
    [InlineData(2000)]
    public void Refuses_a_count_of_more_elements_than_can_follow(int count)
    {
        using var buffer = new WireBuffer();
        buffer.WriteInt32(count);
        buffer.WriteRaw(new byte[1020]);

        Refuses<MetadataRequest>(version: 1, buffer.ToArray());
    }

    [Fact]
    public void Refuses_tiny_elements_that_would_become_many_objects()
    {
        // Two million topics with an empty name: 2 bytes each on the wire, an object of 32 bytes and a reference in memory.
        using var buffer = new WireBuffer();
        const int Count = 2_000_000;
        buffer.WriteInt32(Count);
        buffer.WriteRaw(new byte[2 * Count]);

        Refuses<MetadataRequest>(version: 1, buffer.ToArray());
    }

    [Fact]
    public void Refuses_nested_arrays_that_each_fit_but_not_together()
    {
        using var buffer = new WireBuffer();
        const int Topics = 60_000;
        buffer.WriteInt32(-1);
        buffer.WriteInt32(0);
        buffer.WriteInt32(0);
        buffer.WriteInt32(0);
        buffer.WriteInt8(0);
        buffer.WriteInt32(Topics);
        buffer.WriteRaw(new byte[6 * Topics]);

        Refuses<FetchRequest>(version: 4, buffer.ToArray());
    }

    [Fact]
    public void Refuses_twenty_million_tagged_fields_in_a_header_without_taking_memory()
    {
        using var buffer = new WireBuffer();
        buffer.WriteInt16((short)ApiKey.ApiVersions);
        buffer.WriteInt16(3);
        buffer.WriteInt32(1);
        buffer.WriteString(flexible: false, "client");
        buffer.WriteUnsignedVarint(20_000_000);
        buffer.WriteRaw(new byte[40_000_000]);
        byte[] frame = buffer.ToArray();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<WireFormatException>(() => MessageCodec.For(nameof(RequestHeader)).Read(frame, 2));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Fact]
    public void Steps_over_as_many_unknown_tagged_fields_as_allowed()
    {
        MessageCodec header = MessageCodec.For(nameof(RequestHeader));

        Assert.IsType<RequestHeader>(header.Read(HeaderWithTags(Limits.TaggedFieldsMax, tag => tag), 2));
        Assert.Throws<WireFormatException>(() => header.Read(HeaderWithTags(Limits.TaggedFieldsMax + 1, tag => tag), 2));
    }

    [Fact]
    public void Refuses_tags_that_do_not_ascend()
    {
        MessageCodec header = MessageCodec.For(nameof(RequestHeader));

        Assert.Throws<WireFormatException>(() => header.Read(HeaderWithTags(2, _ => 7), 2));
        Assert.Throws<WireFormatException>(() => header.Read(HeaderWithTags(2, tag => 7 - tag), 2));
    }

    [Fact]
    public void Refuses_a_tagged_field_with_another_size_than_its_value()
    {
        var message = new FetchRequest { ClusterId = "cluster" };
        byte[] frame = MessageCodec.Write(message, 12);
        int size = frame.AsSpan().IndexOf("cluster"u8) - 2;
        Assert.Equal(8, frame[size]);
        frame[size] = 7;

        Refuses<FetchRequest>(version: 12, frame);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-2)]
    [InlineData(int.MinValue)]
    public void Reads_any_negative_length_as_null(int length)
    {
        using var buffer = new WireBuffer();
        buffer.WriteInt32(length);

        var reader = new WireReader(buffer.ToArray());
        Assert.Null(MetadataRequest.Read(ref reader, 1).Topics);
        Refuses<MetadataRequest>(version: 0, buffer.ToArray());
    }

    [Fact]
    public void Refuses_null_where_the_version_does_not_allow_it()
    {
        using var buffer = new WireBuffer();
        buffer.WriteInt32(1);
        buffer.WriteString(flexible: false, null);

        Refuses<MetadataRequest>(version: 1, buffer.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x1F })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 })]
    [InlineData(new byte[] { 0x80 })]
    public void Refuses_varints_that_do_not_fit(byte[] bytes) =>
        Assert.Throws<WireFormatException>(() => new WireReader(bytes).ReadUnsignedVarint());

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })]
    public void Refuses_long_varints_that_do_not_fit(byte[] bytes) =>
        Assert.Throws<WireFormatException>(() => new WireReader(bytes).ReadVarlong());

    [Theory]
    [InlineData(new byte[] { 0, 1, 0x80 })]
    [InlineData(new byte[] { 0, 2, 0xC0, 0x80 })]
    [InlineData(new byte[] { 0, 3, 0xED, 0xA0, 0x80 })]
    public void Refuses_text_that_is_not_utf8(byte[] bytes) =>
        Assert.Throws<WireFormatException>(() => new WireReader(bytes).ReadString(flexible: false));

    [Fact]
    public void Refuses_versions_that_a_message_does_not_have()
    {
        Refuses<MetadataRequest>(version: 14, new byte[64]);
        Refuses<MetadataRequest>(version: -1, new byte[64]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MetadataRequest().Write(new WireBuffer(), 14));
    }

    [Fact]
    public void Ten_thousand_topics_with_usual_names_fit_the_budget()
    {
        var request = new MetadataRequest
        {
            Topics = [.. Enumerable.Range(0, 10_000).Select(index => new MetadataRequest.MetadataRequestTopic { Name = $"orders-{index}" })],
        };

        var reader = new WireReader(MessageCodec.Write(request, 9));
        Assert.Equal(10_000, MetadataRequest.Read(ref reader, 9).Topics!.Length);
    }

    private static byte[] HeaderWithTags(int count, Func<int, int> tag)
    {
        using var buffer = new WireBuffer();
        buffer.WriteInt16((short)ApiKey.ApiVersions);
        buffer.WriteInt16(3);
        buffer.WriteInt32(1);
        buffer.WriteString(flexible: false, "client");
        buffer.WriteUnsignedVarint((uint)count);
        for (int i = 0; i < count; i++)
        {
            buffer.WriteTag(tag(i), 1);
            buffer.WriteInt8(1);
        }

        return buffer.ToArray();
    }

    private static void Refuses<T>(short version, byte[] frame)
        where T : IMessage<T> =>
        Assert.False(AllocationMeter.Decode(MessageCodec.For(typeof(T).Name), version, frame));
}
