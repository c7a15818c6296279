using System.Text.Json;

namespace KafkaCompatBroker.Coordination.Tests.Configs;

internal static class Golden
{
    public static JsonElement Read(string name)
    {
        using Stream stream = typeof(Golden).Assembly.GetManifestResourceStream("Golden." + name)!;
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;

    public static bool Flag(this JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.GetBoolean();

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];
}
