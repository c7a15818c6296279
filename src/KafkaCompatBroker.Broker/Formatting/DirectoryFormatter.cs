using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Storage.Checkpoints;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>
/// Formats log directories. Everything is synced, and meta.properties, which says that a directory is formatted, comes last: a crash leaves
/// a directory formatted or not, nothing between.
/// </summary>
internal sealed class DirectoryFormatter(TextWriter output, TimeProvider time)
{
    private const string MetadataLog = "__cluster_metadata-0";

    /// <exception cref="FormatFailure">A directory is formatted already, or for another node or cluster, or there is none to format.</exception>
    public void Format(FormatPlan plan, bool ignoreFormatted)
    {
        var states = plan.Node.LogDirectories.Select(DirectoryState.Read).ToList();
        Verify(plan, states);
        var formatted = states.Where(static state => state.Meta is not null).ToList();
        if (formatted.Count > 0 && !ignoreFormatted)
            throw new FormatFailure($"Log directory {formatted[0].Path} is already formatted. Use --ignore-formatted to ignore this directory and format the others.");
        foreach (var broken in states.Where(static state => state.Problem is not null))
            output.WriteLine($"I/O error trying to read log directory {broken.Path}. Ignoring...");
        var empty = states.Where(static state => state is { Meta: null, Problem: null }).ToList();
        if (empty.Count == 0)
        {
            if (formatted.Count == 0) throw new FormatFailure("No available log directories to format.");
            output.WriteLine("All of the log directories are already formatted.");
            return;
        }
        output.WriteLine($"Bootstrap metadata: {Describe(plan)}");
        foreach (var state in empty.OrderByDescending(state => state.Path == plan.Node.MetadataDirectory)) FormatOne(plan, state.Path);
    }

    private void FormatOne(FormatPlan plan, string path)
    {
        var isMetadata = path == plan.Node.MetadataDirectory;
        output.WriteLine($"Formatting {Kind(plan, isMetadata)} {path} with metadata.version {ReleaseFeatures.NameOf(plan.Features.MetadataVersion)}.");
        var parent = Path.GetDirectoryName(Path.GetFullPath(path));
        var store = new MappedFileStore(path);
        store.CreateDirectory(path);
        if (isMetadata && plan.Node.IsController) WriteBootstrapSnapshot(plan, store);
        new MetaProperties(plan.ClusterId, plan.Node.NodeId, DirectoryId(plan, isMetadata)).Write(store, time.GetUtcNow());
        if (parent is not null) store.SyncDirectory(parent);
    }

    private void WriteBootstrapSnapshot(FormatPlan plan, MappedFileStore store)
    {
        var directory = Path.Combine(store.Root, MetadataLog);
        store.CreateDirectory(directory);
        new SnapshotWriter(store, directory, time).Write(
            SnapshotName.Bootstrap,
            time.GetUtcNow().ToUnixTimeMilliseconds(),
            plan.Features.KRaftVersion,
            plan.Voters,
            plan.Records.Select(static record => (record, (short)0)));
        store.SyncDirectory(store.Root);
    }

    private static Uuid DirectoryId(FormatPlan plan, bool isMetadata) =>
        isMetadata && plan.Voters is { } voters && voters.TryGet(plan.Node.NodeId, out var voter) ? VoterRecords.ToUuid(voter.Key.DirectoryId) : RandomId.Next();

    private static string Kind(FormatPlan plan, bool isMetadata)
    {
        if (!isMetadata) return "data directory";
        if (plan.Voters is null) return "metadata directory";
        return plan.Voters.TryGet(plan.Node.NodeId, out _) ? "dynamic metadata voter directory" : "dynamic metadata directory";
    }

    private static void Verify(FormatPlan plan, List<DirectoryState> states)
    {
        foreach (var state in states)
        {
            if (state.Meta is not { } meta) continue;
            var file = Path.Combine(state.Path, MetaProperties.FileName);
            if (meta.ClusterId != plan.ClusterId) throw new FormatFailure($"Invalid cluster.id in: {file}. Expected {plan.ClusterId}, but read {meta.ClusterId}");
            if (meta.NodeId != plan.Node.NodeId)
                throw new FormatFailure($"Stored node id {meta.NodeId} doesn't match previous node id {plan.Node.NodeId} in {file}. If you moved your data, make sure your configured node id matches. If you intend to create a new node, you should remove all data in your data directories.");
        }
    }

    private static string Describe(FormatPlan plan) =>
        $"BootstrapMetadata(records=[{string.Join(", ", plan.Records.Select(static record => $"ApiMessageAndVersion({Describe(record)} at version 0)"))}], metadataVersionLevel={plan.Features.MetadataVersion}, source=format command)";

    // Apache Kafka prints keys and salt here, too; they do not belong on a terminal or in a log.
    private static string Describe(IMessage record) => record switch
    {
        FeatureLevelRecord feature => $"FeatureLevelRecord(name='{feature.Name}', featureLevel={feature.FeatureLevel})",
        UserScramCredentialRecord credential => $"UserScramCredentialRecord(name='{credential.Name}', mechanism={credential.Mechanism}, iterations={credential.Iterations})",
        _ => record.GetType().Name,
    };
}
