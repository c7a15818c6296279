namespace KafkaCompatBroker.Storage.Files;

/// <summary>What an I/O exception of the runtime means for a log directory.</summary>
internal static class FileErrors
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public static bool IsDiskFull(Exception exception)
        => exception is DiskFullException || (exception is IOException && exception.HResult is NoSpace or QuotaExceeded or WindowsDiskFull);

    public static bool IsFileFailure(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
