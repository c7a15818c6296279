using KafkaCompatBroker.Broker.Formatting;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Storage;
using KafkaCompatBroker.Storage.Checkpoints;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker;

/// <summary>The locked log directories of a node, known to belong to it and to one cluster.</summary>
/// <param name="Logs">The logs in them.</param>
/// <param name="Metadata">The directory of the metadata log.</param>
/// <param name="ClusterId">The cluster, as meta.properties has it.</param>
internal sealed record NodeDirectories(LogStore Logs, LogDirectory Metadata, string ClusterId)
{
    /// <summary>Ids of the directories that work.</summary>
    public IReadOnlyList<Uuid> Ids => [.. Logs.Directories.Where(directory => !directory.IsOffline).Select(directory => directory.Id)];

    /// <summary>Ids of the directories with some paths; <c>*</c> is all of them.</summary>
    public IReadOnlyList<Uuid> IdsOf(IReadOnlyList<string> paths) =>
    [
        .. Logs.Directories.Where(directory => !directory.IsOffline && (paths.Contains("*") || paths.Any(path => Path.GetFullPath(path) == directory.Path)))
            .Select(static directory => directory.Id),
    ];

    /// <summary>The broker's epoch at the end of its last run if that was a clean shutdown of every directory, else -1 (KIP-966).</summary>
    public long PreviousEpoch => Logs.Directories.Min(directory => directory.PreviousBrokerEpoch);

    /// <summary>Opens and locks the directories.</summary>
    /// <exception cref="BrokerStartException">One is in use, not formatted, or belongs to another node or cluster.</exception>
    public static NodeDirectories Open(BrokerConfig config, TimeProvider time, ILoggerFactory loggers)
    {
        LogStore logs;
        try
        {
            logs = LogStore.Open(config.LogStoreOptions(), time, loggers.CreateLogger<LogStore>());
        }
        catch (Exception cause) when (cause is DirectoryInUseException or InvalidDataException)
        {
            throw new BrokerStartException(cause.Message, cause);
        }

        try
        {
            return Identify(config, logs, time);
        }
        catch
        {
            logs.Dispose();
            throw;
        }
    }

    private static NodeDirectories Identify(BrokerConfig config, LogStore logs, TimeProvider time)
    {
        LogDirectory metadata = logs.Directories.First(directory => directory.Path == config.MetadataDirectory);
        if (metadata.Failure is { } failure)
            throw new BrokerStartException($"metadata.log.dir={metadata.Path}: {failure.Message}", failure);
        if (metadata.Meta is not { } meta)
        {
            throw new BrokerStartException(
                $"No meta.properties found in {metadata.Path}: format it with bin/kafka-storage.sh format --standalone -t $(bin/kafka-storage.sh random-uuid) -c FILE");
        }

        foreach (LogDirectory directory in logs.Directories)
        {
            if (directory.IsOffline)
                continue;

            if (directory.Meta is not { } own)
                directory.WriteMeta(new MetaProperties(meta.ClusterId, config.NodeId, RandomId.Next()), time.GetUtcNow());
            else if (own.ClusterId != meta.ClusterId)
                throw new BrokerStartException($"Invalid cluster.id in {directory.Path}/{MetaProperties.FileName}: expected {meta.ClusterId}, but read {own.ClusterId}");
            else if (own.NodeId != config.NodeId)
                throw new BrokerStartException($"Invalid node.id in {directory.Path}/{MetaProperties.FileName}: configured {config.NodeId}, but read {own.NodeId}");
            else if (own.DirectoryId is null)
                directory.WriteMeta(own with { DirectoryId = RandomId.Next() }, time.GetUtcNow());
        }

        return new(logs, metadata, meta.ClusterId);
    }
}
