using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// Records on their way into the metadata log; the task completes when they are committed and applied. They were decided on the state of one
/// leader's epoch and must not be written in another.
/// </summary>
internal sealed class PendingAppend(IReadOnlyList<ProposedBatch> batches, int epoch)
{
    private readonly TaskCompletionSource<long> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<ProposedBatch> Batches { get; } = batches;

    public int Epoch { get; } = epoch;

    /// <summary>Takes back the records of a transaction that was left open.</summary>
    public static PendingAppend AbortTransaction(int epoch, long nowMs) =>
        new(ProposedBatch.Encode([(new AbortTransactionRecord(), 0)], atomic: true, nowMs), epoch);

    public Task<long> Task => _completion.Task;

    public void Complete(long lastOffset) => _completion.TrySetResult(lastOffset);

    public void Fail(Exception reason) => _completion.TrySetException(reason);
}

/// <summary>One batch of an append: the bytes that are written and what a reader will decode from them.</summary>
/// <param name="Bytes">The batch, without its place in the log.</param>
/// <param name="Records">Its records as they will be read back.</param>
/// <param name="TimestampMs">Time of the records.</param>
internal sealed record ProposedBatch(byte[] Bytes, IReadOnlyList<IMessage> Records, long TimestampMs)
{
    private const int BatchBytesMax = 1024 * 1024;
    private const int BatchRecordsMax = 10_000;

    /// <summary>Encodes records into one batch, or into several when they need not stay together and are many.</summary>
    public static IReadOnlyList<ProposedBatch> Encode(IReadOnlyList<(IMessage Record, short Version)> records, bool atomic, long timestampMs)
    {
        var batches = new List<ProposedBatch>();
        var frames = new List<byte[]>();
        var bytes = 0;
        foreach (var (record, version) in records)
        {
            var frame = MetadataRecordFrame.Write(record, version);
            if (!atomic && frames.Count > 0 && (frames.Count == BatchRecordsMax || bytes + frame.Length > BatchBytesMax)) Cut();
            frames.Add(frame);
            bytes += frame.Length;
        }
        Cut();
        return batches;

        void Cut()
        {
            // What is applied is what was written, not what was meant: the leader's state must be the one that a replay gives.
            batches.Add(new ProposedBatch(MetadataBatches.Records(frames, 0, -1, timestampMs), [.. frames.Select(static frame => MetadataRecordFrame.Read(frame))], timestampMs));
            frames.Clear();
            bytes = 0;
        }
    }
}
