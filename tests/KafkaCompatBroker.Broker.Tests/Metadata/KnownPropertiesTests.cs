using System.Text.RegularExpressions;
using KafkaCompatBroker.Coordination.Configs;

namespace KafkaCompatBroker.Broker.Tests.Metadata;

/// <summary>
/// Every property of Kafka is either acted on, which means that the product's source names it outside the tables and rules of
/// Coordination/Configs, or is in the table of the Broker's README: nothing is silently pretended.
/// </summary>
public partial class KnownPropertiesTests
{
    private const string Heading = "## Properties that are known but not acted on yet";

    private static string Root
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KafkaCompatBroker.sln"))) folder = folder.Parent;
            return folder?.FullName ?? throw new DirectoryNotFoundException("KafkaCompatBroker.sln");
        }
    }

    private static SortedSet<string> Known => new(
        Prefixed("broker", ConfigDefinitions.Broker).Concat(Prefixed("topic", ConfigDefinitions.Topic))
            .Concat(Prefixed("group", ConfigDefinitions.Group)).Concat(Prefixed("client-metrics", ConfigDefinitions.ClientMetrics)),
        StringComparer.Ordinal);

    [Fact]
    public void Every_property_is_acted_on_or_in_the_table()
    {
        SortedSet<string> acted = ActedOn();
        SortedSet<string> listed = Listed();
        Assert.Equal([], Known.Except(acted).Except(listed));
        Assert.Equal([], listed.Intersect(acted));
        Assert.Equal([], listed.Except(Known));
    }

    private static IEnumerable<string> Prefixed(string kind, ConfigSchema schema) => schema.Definitions.Select(definition => $"{kind} {definition.Name}");

    private static SortedSet<string> ActedOn()
    {
        var literals = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(Root, file).Replace('\\', '/');
            if (path.Contains("/obj/") || path.Contains("/bin/") || path.Contains("Coordination/Configs/")) continue;
            foreach (Match match in Literal().Matches(File.ReadAllText(file))) literals.Add(match.Groups[1].Value);
        }

        var acted = new SortedSet<string>(StringComparer.Ordinal);
        foreach (ConfigDefinition definition in ConfigDefinitions.Topic.Definitions.Where(definition => literals.Contains(definition.Name)))
        {
            acted.Add($"topic {definition.Name}");
            foreach (BrokerSynonym synonym in definition.BrokerSynonyms) acted.Add($"broker {synonym.Name}");
        }

        foreach (ConfigDefinition definition in ConfigDefinitions.Broker.Definitions)
            if (literals.Contains(definition.Name)) acted.Add($"broker {definition.Name}");
        acted.UnionWith(Prefixed("group", ConfigDefinitions.Group).Concat(Prefixed("client-metrics", ConfigDefinitions.ClientMetrics))
            .Where(name => literals.Contains(name[(name.IndexOf(' ') + 1)..])));
        return acted;
    }

    private static SortedSet<string> Listed()
    {
        string readme = File.ReadAllText(Path.Combine(Root, "src/KafkaCompatBroker.Broker/README.md"));
        string section = readme[readme.IndexOf(Heading, StringComparison.Ordinal)..];
        var listed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Match row in Row().Matches(section))
            foreach (Match name in Name().Matches(row.Groups["names"].Value)) listed.Add($"{row.Groups["kind"].Value} {name.Groups[1].Value}");
        return listed;
    }

    [GeneratedRegex("\"([a-z0-9._-]+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"^\| (?<kind>broker|topic|group|client-metrics) \|[^|]*\| (?<names>.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();
}
