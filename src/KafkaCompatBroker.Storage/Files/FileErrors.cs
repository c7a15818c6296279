namespace KafkaCompatBroker.Storage.Files;

/// <summary>What an I/O exception of the runtime means for a log directory.</summary>
internal static class FileErrors
{
    private const int TooManyInSystem = 23;
    private const int TooManyOpen = 24;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public static bool IsDiskFull(Exception exception)
        => exception is DiskFullException || (exception is IOException && exception.HResult is NoSpace or QuotaExceeded or WindowsDiskFull);

    /// <summary>Descriptors have run out, those of the process or of the machine.</summary>
    public static bool IsTooManyOpen(Exception exception) => exception is IOException && exception.HResult is TooManyOpen or TooManyInSystem;

    public static bool IsFileFailure(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
