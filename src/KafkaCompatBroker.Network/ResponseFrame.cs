namespace KafkaCompatBroker.Network;

/// <summary>
/// One answer: ordered pieces of memory and the leases that keep them alive, released once the last byte is sent or the
/// connection is gone. The length prefix is added by the network. Not thread-safe: filled by one owner, then handed over.
/// </summary>
public sealed class ResponseFrame
{
    private ReadOnlyMemory<byte> _first;
    private List<ReadOnlyMemory<byte>>? _others;
    private IDisposable? _firstLease;
    private List<IDisposable>? _otherLeases;
    private bool _released;

    /// <summary>Bytes of all pieces.</summary>
    public long Length { get; private set; }

    internal ResponseFrame? Next { get; set; }

    internal int PieceCount => _first.IsEmpty ? 0 : 1 + (_others?.Count ?? 0);

    public ResponseFrame()
    {
    }

    public ResponseFrame(ReadOnlyMemory<byte> bytes, IDisposable? lease = null)
    {
        Add(bytes);
        if (lease is not null) AddLease(lease);
    }

    /// <summary>Appends a piece; nothing is copied now.</summary>
    public void Add(ReadOnlyMemory<byte> piece)
    {
        if (piece.IsEmpty) return;
        Length += piece.Length;
        if (_first.IsEmpty) _first = piece;
        else (_others ??= []).Add(piece);
    }

    /// <summary>Disposes the lease after the send, or when the connection ends first.</summary>
    public void AddLease(IDisposable lease)
    {
        if (_firstLease is null) _firstLease = lease;
        else (_otherLeases ??= []).Add(lease);
    }

    internal ReadOnlyMemory<byte> Piece(int index) => index == 0 ? _first : _others![index - 1];

    internal void Release()
    {
        if (_released) return;
        _released = true;
        _firstLease?.Dispose();
        if (_otherLeases is null) return;
        foreach (IDisposable lease in _otherLeases) lease.Dispose();
    }
}
