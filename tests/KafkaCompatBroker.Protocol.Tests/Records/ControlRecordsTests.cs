using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.Protocol.Tests.Records;

public class ControlRecordsTests
{
    [Theory]
    [InlineData("v2-commit-marker", true)]
    [InlineData("v2-abort-marker", false)]
    public void Writes_the_golden_transaction_markers(string name, bool commit)
    {
        var golden = GoldenRecords.Lines("batches.jsonl").Single(line => line.Case() == name).Bytes();
        RecordBatchView.TryRead(golden, out var batch);
        using var reader = new RecordReader(batch);
        Assert.True(reader.MoveNext());

        var written = ControlRecords.EndTransactionMarker(
            commit,
            batch.ProducerId,
            batch.ProducerEpoch,
            ControlRecords.ReadCoordinatorEpoch(reader.Current),
            reader.Current.TimestampMs);
        RecordBatchEdit.SetBaseOffset(written, batch.BaseOffset);
        RecordBatchEdit.SetPartitionLeaderEpoch(written, batch.PartitionLeaderEpoch);

        Assert.Equal(golden, written);
    }

    [Fact]
    public void A_control_record_without_a_key_is_refused()
    {
        var builder = new RecordBatchBuilder(new RecordBatchOptions { IsControl = true });
        builder.Append(0, null, [1, 2, 3]);
        RecordBatchView.TryRead(builder.Build(), out var batch);
        using var reader = new RecordReader(batch);
        reader.MoveNext();
        bool refused = false;
        try
        {
            ControlRecords.ReadType(reader.Current);
        }
        catch (RecordFormatException)
        {
            refused = true;
        }

        Assert.True(refused);
    }
}
