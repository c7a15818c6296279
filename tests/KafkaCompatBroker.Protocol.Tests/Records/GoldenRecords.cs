using System.Text.Json;

namespace KafkaCompatBroker.Protocol.Tests.Records;

/// <summary>The vectors under Golden/records: what Apache Kafka reads from, and answers to, some bytes.</summary>
internal static class GoldenRecords
{
    internal static IEnumerable<JsonElement> Lines(string file)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Golden", "records", file);
        foreach (string line in File.ReadLines(path))
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    internal static byte[] Bytes(this JsonElement line) => Convert.FromHexString(line.GetProperty("hex").GetString()!);

    internal static string Case(this JsonElement line) => line.GetProperty("case").GetString()!;

    internal static JsonElement[] Batches(this JsonElement line) =>
        [.. line.GetProperty("read").GetProperty("batches").EnumerateArray()];
}
