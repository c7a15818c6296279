using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

public sealed class RecordFrameTests
{
    [Theory]
    [InlineData(new byte[] { 0, 20, 0, 0 })]
    [InlineData(new byte[] { 2, 20, 0, 0 })]
    [InlineData(new byte[] { 1, 13, 0, 0 })]
    [InlineData(new byte[] { 1, 20, 9, 0 })]
    [InlineData(new byte[] { 1, 20, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 20 })]
    [InlineData(new byte[] { })]
    public void Refuses_a_metadata_record_of_an_unknown_shape(byte[] frame) =>
        Assert.Throws<WireFormatException>(() => MetadataRecords.Read(frame));

    [Fact]
    public void Refuses_to_write_what_is_not_a_metadata_record() =>
        Assert.Throws<ArgumentException>(() => MetadataRecords.Write(new MetadataRequest(), 0));

    [Fact]
    public void An_unknown_type_of_coordinator_record_is_null()
    {
        Assert.Null(CoordinatorRecords.ReadKey(CoordinatorLog.Group, new byte[] { 0x7F, 0xFF, 0 }));
        Assert.Null(CoordinatorRecords.ReadValue(CoordinatorLog.Share, 77, new byte[] { 0, 0 }));
    }

    [Fact]
    public void The_same_type_means_another_key_in_another_log()
    {
        byte[] key = CoordinatorRecords.WriteKey(CoordinatorLog.Transaction, new TransactionLogKey { TransactionalId = "id" });

        Assert.IsType<TransactionLogKey>(CoordinatorRecords.ReadKey(CoordinatorLog.Transaction, key));
        Assert.Throws<ArgumentException>(() => CoordinatorRecords.WriteKey(CoordinatorLog.Group, new TransactionLogKey()));
    }
}
