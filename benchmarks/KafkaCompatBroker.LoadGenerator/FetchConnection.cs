using System.Buffers.Binary;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Reads one partition from its start; at the end it starts again, so that a run may outlast the data.</summary>
internal sealed class FetchConnection(WireClient client, LoadOptions options, int index) : LoadConnection(client, 1)
{
    private const long MarkedOffset = 0x0123456789ABCDEF;
    private readonly FetchAnswer _layout = new(options.Topic);
    private int _offsetAt;
    private long _nextOffset;

    protected override byte[] FirstFrame()
    {
        byte[] frame = FetchAnswer.Request(options.Topic, index % options.Partitions, MarkedOffset, options.MaxBytes, waitMs: 0);
        Span<byte> mark = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(mark, MarkedOffset);
        _offsetAt = frame.AsSpan().IndexOf(mark);
        return frame;
    }

    protected override void BeforeSend(Span<byte> frame) => BinaryPrimitives.WriteInt64BigEndian(frame[_offsetAt..], _nextOffset);

    protected override (int Records, int Bytes) OnAnswer(ReadOnlySpan<byte> answer)
    {
        ReadOnlySpan<byte> batches = _layout.Records(answer);
        int records = 0;
        int bytes = batches.Length;
        while (RecordBatchView.TryRead(batches, out RecordBatchView batch) == RecordBatchStatus.Ok)
        {
            if (options.Verify && !batch.IsCrcValid()) throw new IOException($"bad CRC at offset {batch.BaseOffset}");
            if (options.Verify && batch.LastOffset < _nextOffset) throw new IOException($"offset {batch.BaseOffset} after {_nextOffset}");
            records += batch.RecordCount;
            _nextOffset = batch.NextOffset;
            batches = batches[batch.SizeInBytes..];
        }
        if (records == 0) _nextOffset = 0;
        return (records, bytes);
    }
}
