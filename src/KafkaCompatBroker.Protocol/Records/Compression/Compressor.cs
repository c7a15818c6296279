namespace KafkaCompatBroker.Protocol.Records.Compression;

/// <summary>Compresses what is written to it. For one thread and one run of bytes.</summary>
public abstract class Compressor : IDisposable
{
    /// <summary>Takes more bytes to compress.</summary>
    public abstract void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Writes all that is pending and the end of the stream. Nothing may be written afterwards.</summary>
    public abstract void Finish();

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
