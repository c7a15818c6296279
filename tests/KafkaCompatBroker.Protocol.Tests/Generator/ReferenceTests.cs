using System.Text.Json;
using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Tests.Generator;

public sealed class ReferenceTests
{
    [ReferenceFact]
    public void Our_specs_say_what_the_reference_says_field_by_field()
    {
        Dictionary<string, MessageSpec> ours = SpecFolder.ParseAll().SelectMany(file => file.Messages).ToDictionary(message => message.Name);
        HashSet<string> removed = [.. SpecFolder.ParseAll().Where(file => file.Api is { Versions.IsEmpty: true }).Select(file => file.Api!.Name)];
        var differences = new List<string>();
        int compared = 0;
        foreach (JsonElement reference in Messages())
        {
            string name = reference.GetProperty("name").GetString()!;
            if (reference.GetProperty("validVersions").GetString() == "none")
            {
                Assert.Contains(name.Replace("Request", "").Replace("Response", ""), removed);
            }
            else if (ours.Remove(name, out MessageSpec? own))
            {
                differences.AddRange(ReferenceComparison.Compare(own, reference));
                compared++;
            }
            else
            {
                differences.Add($"{name} has no spec");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));

        // The snapshot of producer states is a file format that the reference keeps elsewhere; its vectors prove it.
        Assert.Equal(["ProducerSnapshot"], ours.Keys);
        Assert.True(compared > 250, $"only {compared} messages compared");
    }

    [ReferenceFact]
    public void Our_error_codes_are_those_of_the_reference()
    {
        string path = Path.Combine(ReferenceFactAttribute.Folder!, "errors.json");
        IEnumerable<(int Code, string Name, bool Retriable)> expected = JsonDocument.Parse(File.ReadAllText(path)).RootElement.EnumerateArray()
            .Select(error => (error.GetProperty("code").GetInt32(), error.GetProperty("name").GetString()!, error.GetProperty("retriable").GetBoolean()));

        IEnumerable<(int Code, string Name, bool Retriable)> actual = SpecFolder.ParseAll()
            .SelectMany(file => file.Errors)
            .Select(error => (error.Code, error.Name, error.Retriable));

        Assert.Equal(expected.OrderBy(error => error.Code), actual.OrderBy(error => error.Code));
    }

    private static IEnumerable<JsonElement> Messages() => Directory
        .EnumerateFiles(ReferenceFactAttribute.Folder!, "*.json", SearchOption.AllDirectories)
        .Where(path => Path.GetFileName(path) != "errors.json")
        .Select(path => JsonDocument.Parse(File.ReadAllText(path)).RootElement);
}
