using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

public sealed class GoldenWireTests
{
    public static TheoryData<string> Files => [.. GoldenVector.Files()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Reads_every_vector_to_the_values_of_the_reference(string file)
    {
        foreach (GoldenVector vector in GoldenVector.Read(file))
        {
            IMessage message = MessageCodec.For(vector.ClassName).Read(vector.Bytes, vector.Version, out int remaining);

            Assert.True(remaining == 0, $"{vector}: {remaining} bytes left");
            string differences = MessageJson.Differences(vector.Json, message);
            Assert.True(differences.Length == 0, $"{vector}\n{differences}");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Writes_every_vector_to_the_bytes_of_the_reference(string file)
    {
        foreach (GoldenVector vector in GoldenVector.Read(file).Where(vector => vector.UnknownTags is null))
        {
            IMessage message = MessageCodec.For(vector.ClassName).Read(vector.Bytes, vector.Version);

            byte[] written = MessageCodec.Write(message, vector.Version);

            Assert.True(written.AsSpan().SequenceEqual(vector.Bytes), $"{vector}\n{Convert.ToHexString(vector.Bytes)}\n{Convert.ToHexString(written)}");
            Assert.Equal(written.Length, message.Size(vector.Version));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Drops_unknown_tagged_fields_and_nothing_else(string file)
    {
        foreach (GoldenVector vector in GoldenVector.Read(file).Where(vector => vector.UnknownTags is not null))
        {
            MessageCodec codec = MessageCodec.For(vector.ClassName);
            int unknown = vector.UnknownTags!.Sum(
                tag => WireSize.TaggedField(tag!["tag"]!.GetValue<int>(), tag["hex"]!.GetValue<string>().Length / 2));

            byte[] written = MessageCodec.Write(codec.Read(vector.Bytes, vector.Version), vector.Version);

            Assert.True(vector.Bytes.Length - unknown == written.Length, $"{vector}: {written.Length} bytes");
            string differences = MessageJson.Differences(vector.Json, codec.Read(written, vector.Version));
            Assert.True(differences.Length == 0, $"{vector}\n{differences}");
        }
    }

    [Fact]
    public void Metadata_records_keep_their_frames()
    {
        foreach (GoldenVector vector in GoldenVector.Read("metadata-records.jsonl.gz").Where(vector => vector.UnknownTags is null))
        {
            IMessage record = MetadataRecords.Read(vector.Frame);

            Assert.Equal(vector.Name, record.GetType().Name);
            Assert.Equal(vector.RecordType, MetadataRecordTypes.TypeOf(record));
            Assert.Equal(vector.Frame, MetadataRecords.Write(record, vector.Version));
            Assert.Equal(vector.Frame!.Length, MetadataRecords.Size(record, vector.Version));
        }
    }

    [Theory]
    [InlineData(CoordinatorLog.Group)]
    [InlineData(CoordinatorLog.Share)]
    [InlineData(CoordinatorLog.Transaction)]
    public void Coordinator_records_keep_their_frames(CoordinatorLog log)
    {
        string file = Path.Combine("coordinator", $"{log.ToString().ToLowerInvariant()}.jsonl.gz");
        foreach (GoldenVector vector in GoldenVector.Read(file).Where(vector => vector.UnknownTags is null))
        {
            bool isKey = vector.Kind == "key";
            IMessage? record = isKey
                ? CoordinatorRecords.ReadKey(log, vector.Frame)
                : CoordinatorRecords.ReadValue(log, (short)vector.RecordType, vector.Frame);

            Assert.Equal(vector.Name, record?.GetType().Name);
            byte[] written = isKey ? CoordinatorRecords.WriteKey(log, record!) : CoordinatorRecords.WriteValue(record!, vector.Version);
            Assert.Equal(vector.Frame, written);
        }
    }

    [Fact]
    public void Every_message_has_vectors_in_every_version()
    {
        var covered = GoldenVector.All().Select(vector => (vector.ClassName, vector.Version)).ToHashSet();

        IEnumerable<string> missing =
            from codec in MessageCodec.All
            from version in Enumerable.Range(codec.LowestVersion, codec.HighestVersion - codec.LowestVersion + 1)
            where !covered.Contains((codec.Type.Name, (short)version))
            select $"{codec.Type.Name} v{version}";

        Assert.Empty(missing);
    }
}
