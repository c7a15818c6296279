using System.Buffers.Binary;

namespace KafkaCompatBroker.Network;

/// <summary>
/// The answers that one connection is sending now, laid out as pieces for gathering sends: small pieces are copied together into
/// one staging buffer, large ones (records in mapped segments) go as they are. One thread at a time; held only while sending.
/// </summary>
internal sealed class OutgoingBatch
{
    public const int SendBytesMax = 1024 * 1024;
    public const int PrefixBytes = 4;
    private const int StagingBytes = 32 * 1024;
    private const int CopiedPieceBytesMax = 4 * 1024;
    private const int WaitingPieceBytesMax = 64 * 1024;

    // Pinned: it is handed to the kernel many times a second and is pooled for the life of the process.
    private readonly byte[] _staging = GC.AllocateUninitializedArray<byte>(StagingBytes, pinned: true);
    private readonly ReadOnlyMemory<byte>[] _pieces = new ReadOnlyMemory<byte>[NativeSocket.PiecesMax];
    private int _stagingUsed;
    private int _pieceCount;
    private int _pieceSent;
    private long _laidOutBytes;

    // Where the last piece began in the staging buffer; -1 when the last piece is a large one.
    private int _stagedStart = -1;

    private ResponseFrame? _head;
    private ResponseFrame? _tail;
    private ResponseFrame? _laidOut;
    private int _layoutPiece;
    private int _layoutOffset;
    private bool _prefixWritten;

    /// <summary>No piece is laid out: <see cref="LayOut"/> is next.</summary>
    public bool IsSent => _pieceSent == _pieceCount;

    public ReadOnlySpan<ReadOnlyMemory<byte>> Pieces => _pieces.AsSpan(_pieceSent, _pieceCount - _pieceSent);

    /// <summary>A piece for a waiting send: bounded, so that a slow reader's progress can be seen.</summary>
    public ReadOnlyMemory<byte> WaitingPiece
    {
        get
        {
            ReadOnlyMemory<byte> piece = _pieces[_pieceSent];
            return piece.Length <= WaitingPieceBytesMax ? piece : piece[..WaitingPieceBytesMax];
        }
    }

    public void Append(ResponseFrame first, ResponseFrame last)
    {
        if (_tail is null) _head = first;
        else _tail.Next = first;
        _tail = last;
        _laidOut ??= first;
    }

    /// <summary>Lays out the next pieces, up to <see cref="SendBytesMax"/>; all earlier ones are sent.</summary>
    public void LayOut()
    {
        ReleaseSent();
        _stagingUsed = _pieceCount = _pieceSent = 0;
        _laidOutBytes = 0;
        _stagedStart = -1;
        while (_laidOut is { } frame && HasRoom)
        {
            if (!_prefixWritten) WritePrefix(frame);
            while (_layoutPiece < frame.PieceCount && HasRoom) LayOutPiece(frame.Piece(_layoutPiece));
            if (_layoutPiece < frame.PieceCount) return;
            _laidOut = frame.Next;
            _layoutPiece = 0;
            _prefixWritten = false;
        }
    }

    public void Advance(int bytes)
    {
        while (bytes > 0)
        {
            ReadOnlyMemory<byte> piece = _pieces[_pieceSent];
            if (bytes < piece.Length)
            {
                _pieces[_pieceSent] = piece[bytes..];
                return;
            }
            bytes -= piece.Length;
            _pieces[_pieceSent++] = default;
        }
    }

    /// <summary>Releases every frame, sent or not.</summary>
    public void Clear()
    {
        _laidOut = null;
        ReleaseSent();
        Array.Clear(_pieces);
        _pieceCount = _pieceSent = _stagingUsed = _layoutPiece = _layoutOffset = 0;
        _prefixWritten = false;
    }

    private bool HasRoom =>
        _pieceCount < _pieces.Length - 1 && _laidOutBytes < SendBytesMax && _stagingUsed + PrefixBytes <= StagingBytes;

    private void WritePrefix(ResponseFrame frame)
    {
        BinaryPrimitives.WriteInt32BigEndian(_staging.AsSpan(_stagingUsed), checked((int)frame.Length));
        AddStaged(PrefixBytes);
        _prefixWritten = true;
    }

    private void LayOutPiece(ReadOnlyMemory<byte> piece)
    {
        ReadOnlyMemory<byte> rest = piece[_layoutOffset..];
        int taken;
        if (piece.Length <= CopiedPieceBytesMax)
        {
            taken = Math.Min(rest.Length, StagingBytes - _stagingUsed);
            rest.Span[..taken].CopyTo(_staging.AsSpan(_stagingUsed));
            AddStaged(taken);
        }
        else
        {
            taken = (int)Math.Min(rest.Length, SendBytesMax - _laidOutBytes);
            _pieces[_pieceCount++] = rest[..taken];
            _stagedStart = -1;
            _laidOutBytes += taken;
        }
        _layoutOffset += taken;
        if (_layoutOffset < piece.Length) return;
        _layoutOffset = 0;
        _layoutPiece++;
    }

    private void AddStaged(int bytes)
    {
        int from = _stagingUsed;
        _stagingUsed += bytes;
        _laidOutBytes += bytes;
        if (_stagedStart < 0)
        {
            _stagedStart = from;
            _pieceCount++;
        }
        _pieces[_pieceCount - 1] = _staging.AsMemory(_stagedStart, _stagingUsed - _stagedStart);
    }

    private void ReleaseSent()
    {
        while (_head is { } frame && frame != _laidOut)
        {
            _head = frame.Next;
            frame.Next = null;
            frame.Release();
        }
        if (_head is null) _tail = null;
    }
}
