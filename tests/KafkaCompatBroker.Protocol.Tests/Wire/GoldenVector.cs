using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

/// <summary>One line of the vectors recorded from the reference: a message in one version as values and as bytes.</summary>
public sealed record GoldenVector(
    string File, string Name, string Kind, short Version, string Case, JsonElement Json, byte[] Bytes, byte[]? Frame, int RecordType, JsonArray? UnknownTags)
{
    /// <summary>Name of our class: the reference calls headers "...HeaderData".</summary>
    public string ClassName => Kind == "header" ? Name[..^"Data".Length] : Name;

    public override string ToString() => $"{Name} v{Version} {Case}";

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Golden");

    /// <summary>Paths of all files of vectors, relative to the folder of vectors.</summary>
    public static IEnumerable<string> Files() => Directory
        .EnumerateFiles(Path.Combine(Folder, "wire"), "*.jsonl.gz", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Path.Combine(Folder, "wire"), path))
        .Order(StringComparer.Ordinal);

    public static IEnumerable<GoldenVector> All() => Files().SelectMany(Read);

    public static IEnumerable<GoldenVector> Read(string file)
    {
        using StreamReader lines = Open(Path.Combine("wire", file));
        while (lines.ReadLine() is { } line)
        {
            JsonElement root = JsonDocument.Parse(line).RootElement;
            yield return new GoldenVector(
                file,
                root.GetProperty("name").GetString()!,
                root.GetProperty("kind").GetString()!,
                root.GetProperty("version").GetInt16(),
                root.GetProperty("case").GetString()!,
                root.GetProperty("json"),
                Convert.FromHexString(root.GetProperty("hex").GetString()!),
                root.TryGetProperty("frame", out JsonElement frame) ? Convert.FromHexString(frame.GetString()!) : null,
                root.TryGetProperty("recordType", out JsonElement type) ? type.GetInt32() : -1,
                root.TryGetProperty("unknownTags", out JsonElement tags) ? JsonArray.Create(tags) : null);
        }
    }

    public static JsonElement ReadJson(string file)
    {
        using StreamReader text = Open(file);
        return JsonDocument.Parse(text.ReadToEnd()).RootElement;
    }

    private static StreamReader Open(string file) =>
        new(new GZipStream(System.IO.File.OpenRead(Path.Combine(Folder, file)), CompressionMode.Decompress));
}
