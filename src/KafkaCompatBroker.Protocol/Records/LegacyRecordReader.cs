using System.Buffers.Binary;

namespace KafkaCompatBroker.Protocol.Records;

/// <summary>
/// Iterates one message of magic 0 or 1: itself, or the messages inside it when it is compressed. Offsets inside a wrapper
/// of magic 1 count from its first message (KIP-31), so the last of them has to be known first: the wrapper is expanded
/// twice rather than kept.
/// </summary>
internal ref struct LegacyRecordReader
{
    private const int OuterOverhead = RecordBatchLayout.Overhead;

    private readonly RecordBatchView _wrapper;
    private readonly long _offsetShift;
    private RecordStream _stream;

    internal LegacyRecordReader(RecordBatchView wrapper, long expandedBytesMax)
    {
        _wrapper = wrapper;
        if (wrapper.Codec == CompressionType.None)
        {
            _stream = new RecordStream(wrapper.Bytes);
            return;
        }

        var message = Parse(wrapper.Bytes, isInner: false);
        if (!message.HasValue)
            throw new RecordFormatException("A compressed message has no content.");
        if (wrapper.Magic == 1)
            _offsetShift = wrapper.BaseOffset - FindLastOffset(message.Value, expandedBytesMax);
        _stream = new RecordStream(message.Value, wrapper.Codec, wrapper.Magic, expandedBytesMax);
        if (_stream.IsAtEnd())
            throw new RecordFormatException("A compressed message has nothing inside.");
    }

    internal RecordView Current { get; private set; }

    internal bool MoveNext()
    {
        if (_stream.IsAtEnd())
            return false;
        var message = Next(ref _stream);
        Current = Parse(message, isInner: _wrapper.Codec != CompressionType.None);
        return true;
    }

    internal void Dispose() => _stream.Dispose();

    private static ReadOnlySpan<byte> Next(scoped ref RecordStream stream)
    {
        if (!stream.TryHave(OuterOverhead))
            throw new RecordFormatException("The messages end early.");
        int length = BinaryPrimitives.ReadInt32BigEndian(stream.Available[RecordBatchLayout.Length..]);
        if (length < RecordBatchLayout.SmallestLengthV0 || length > Array.MaxLength - OuterOverhead)
            throw new RecordFormatException($"A message cannot have {length} bytes.");
        return stream.Take(OuterOverhead + length);
    }

    private readonly long FindLastOffset(ReadOnlySpan<byte> compressed, long expandedBytesMax)
    {
        var stream = new RecordStream(compressed, _wrapper.Codec, _wrapper.Magic, expandedBytesMax);
        try
        {
            long last = 0;
            while (!stream.IsAtEnd())
                last = BinaryPrimitives.ReadInt64BigEndian(Next(ref stream));
            return last;
        }
        finally
        {
            stream.Dispose();
        }
    }

    private readonly RecordView Parse(ReadOnlySpan<byte> message, bool isInner)
    {
        byte magic = _wrapper.Magic;
        if (message[RecordBatchLayout.Magic] != magic)
            throw new RecordFormatException("A message has another magic than the one around it.");
        int attributes = message[RecordBatchLayout.LegacyAttributes];
        if (isInner && (attributes & RecordBatchLayout.CodecMask) != 0)
            throw new RecordFormatException("A compressed message is inside another.");

        int position = RecordBatchLayout.LegacyAttributes + 1;
        long timestamp = -1;
        if (magic == 1)
        {
            if (message.Length < position + sizeof(long))
                throw new RecordFormatException("A message has no room for its timestamp.");
            timestamp = _wrapper.TimestampType == TimestampType.LogAppendTime
                ? _wrapper.MaxTimestamp
                : BinaryPrimitives.ReadInt64BigEndian(message[position..]);
            position += sizeof(long);
        }

        var key = ReadBytes(message, ref position, out bool hasKey);
        var value = ReadBytes(message, ref position, out bool hasValue);
        long offset = BinaryPrimitives.ReadInt64BigEndian(message) + _offsetShift;
        return new RecordView(offset, timestamp, -1, hasKey, key, hasValue, value) { SizeInBytes = message.Length };
    }

    private static ReadOnlySpan<byte> ReadBytes(ReadOnlySpan<byte> message, scoped ref int position, out bool present)
    {
        if (message.Length - position < sizeof(int))
            throw new RecordFormatException("A message has no room for a length.");
        int length = BinaryPrimitives.ReadInt32BigEndian(message[position..]);
        position += sizeof(int);
        present = length >= 0;
        if (length > message.Length - position)
            throw new RecordFormatException("A length inside a message is larger than the message.");
        var bytes = message.Slice(position, Math.Max(length, 0));
        position += bytes.Length;
        return bytes;
    }
}
