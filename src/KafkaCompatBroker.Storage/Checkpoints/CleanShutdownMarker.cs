using System.Globalization;
using System.Text;
using System.Text.Json;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Storage.Checkpoints;

/// <summary>
/// .kafka_cleanshutdown: says that every log below was closed in order, and the broker epoch it was closed in (KIP-966). It is taken away before loading.
/// </summary>
public static class CleanShutdownMarker
{
    public const string FileName = ".kafka_cleanshutdown";

    /// <summary>Deletes the marker. True when it was there; the broker epoch is -1 when it does not say.</summary>
    public static bool Take(IFileStore store, out long brokerEpoch)
    {
        brokerEpoch = -1;
        string path = Path.Combine(store.Root, FileName);
        if (store.ReadAll(path) is not { } content)
        {
            return false;
        }

        brokerEpoch = ReadEpoch(content);
        store.Delete(path);
        store.SyncDirectory(store.Root);
        return true;
    }

    public static void Write(IFileStore store, long brokerEpoch)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{{\"version\":0,\"brokerEpoch\":{brokerEpoch}}}");
        store.Replace(Path.Combine(store.Root, FileName), Encoding.UTF8.GetBytes(text), durable: true);
    }

    private static long ReadEpoch(byte[] content)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("brokerEpoch", out JsonElement epoch)
                && epoch.TryGetInt64(out long value) ? value : -1;
        }
        catch (JsonException)
        {
            // Older releases leave the marker empty.
            return -1;
        }
    }
}
