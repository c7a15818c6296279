namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Expands one compressed run of bytes piece by piece. For one thread at a time; may be reused after disposal.</summary>
public abstract class Decompressor : IDisposable
{
    /// <summary>
    /// Writes the next expanded bytes to <paramref name="destination"/> and returns how many; 0 at the proper end.
    /// </summary>
    /// <param name="source">All compressed bytes, the same ones at every call: what was consumed is remembered.</param>
    /// <param name="destination">Where to write, not empty. How much is filled is up to the format.</param>
    /// <exception cref="RecordFormatException">The bytes are not of the format, or end early.</exception>
    public abstract int Read(ReadOnlySpan<byte> source, Span<byte> destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives buffers and contexts back.</summary>
    /// <param name="disposing">Always true: there are no finalizers.</param>
    protected abstract void Dispose(bool disposing);
}
