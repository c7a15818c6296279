namespace KafkaCompatBroker.Protocol.Records;

/// <summary>Walks over the headers of one record, for <c>foreach</c>.</summary>
public ref struct RecordHeaderEnumerator
{
    private RecordStream _stream;
    private int _left;

    internal RecordHeaderEnumerator(ReadOnlySpan<byte> bytes, int count)
    {
        _stream = new RecordStream(bytes);
        _left = count;
    }

    /// <summary>The header that <see cref="MoveNext"/> came to.</summary>
    public RecordHeaderView Current { get; private set; }

    /// <summary>This, so that <c>foreach</c> takes it.</summary>
    public readonly RecordHeaderEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next header; false after the last.</summary>
    public bool MoveNext()
    {
        if (_left == 0)
            return false;
        _left--;
        var key = _stream.Take(_stream.ReadVarint32());
        int valueLength = _stream.ReadVarint32();
        Current = new RecordHeaderView(key, valueLength >= 0, valueLength > 0 ? _stream.Take(valueLength) : default);
        return true;
    }
}
