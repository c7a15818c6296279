using KafkaCompatBroker.Broker;
using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Host.Configuration;

namespace KafkaCompatBroker.Host;

/// <summary>Whether a node's directories are formatted, and formatting those that are empty when the command line allows it.</summary>
internal sealed class DataDirectories(BrokerConfig config, IReadOnlyDictionary<string, string> properties)
{
    private const string IdentityFile = "meta.properties";
    private readonly string[] _directories = [.. config.LogDirectories.Append(config.MetadataDirectory).Distinct(StringComparer.Ordinal)];

    /// <summary>Directories without identity. One that is a file or that cannot be entered is no news of this kind.</summary>
    public IReadOnlyList<string> Unformatted => [.. _directories.Where(directory => !File.Exists(Path.Combine(directory, IdentityFile)))];

    /// <summary>The command that formats them, as the user would type it.</summary>
    public string FormatCommand(string? propertiesFile) =>
        $"bin/kafka-storage.sh format -t {ClusterId(null)} -c {propertiesFile}{string.Concat(QuorumOptions().Select(option => " " + option))}";

    /// <summary>Formats what is empty; the cluster id is the one that other directories have, else the wish, else a random one.</summary>
    /// <exception cref="FormatFailure">It cannot be done; the message is for the user.</exception>
    public void Format(string? clusterIdWish, TimeProvider time)
    {
        var refusals = new StringWriter();
        var storage = new StorageCommand(TextWriter.Null, refusals, _ => properties, time);
        string[] arguments = ["format", "--ignore-formatted", "--cluster-id=" + ClusterId(clusterIdWish), "--config=-", .. QuorumOptions()];
        if (storage.Run(arguments) != 0)
        {
            throw new FormatFailure($"Cannot format {string.Join(", ", Unformatted)}: {refusals.ToString().TrimEnd().ReplaceLineEndings(" ")}");
        }
    }

    private string ClusterId(string? wish) =>
        _directories.Select(directory => Path.Combine(directory, IdentityFile))
            .Where(File.Exists)
            .Select(file => JavaProperties.ReadFile(file).GetValueOrDefault("cluster.id"))
            .FirstOrDefault(id => id is not null)
        ?? wish ?? RandomId.Next().ToString();

    /// <summary>A controller that no list of voters names is a quorum of its own, which others may join.</summary>
    private string[] QuorumOptions() =>
        config.IsController && string.IsNullOrWhiteSpace(properties.GetValueOrDefault("controller.quorum.voters")) ? ["--standalone"] : [];
}
