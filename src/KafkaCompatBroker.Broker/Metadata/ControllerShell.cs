using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Coordination;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>
/// Runs the controller. On every controller node it applies what is committed; on the one that leads it is active: one command at a time
/// is decided, appended and answered when its records are committed and in the image that handlers read. Commands come from any thread;
/// committed records and leadership from the quorum's. A crash loses at most commands that nobody was told the outcome of.
/// </summary>
public sealed class ControllerShell(MetadataController controller, IMetadataLog log, MetadataPublisher publisher, TimeProvider time) : IDisposable
{
    /// <summary>Most records that are written as one; Kafka's limit.</summary>
    internal const int AtomicRecordsMax = 10_000;

    private const int NotActive = -1;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private int _leadingEpoch = NotActive;
    private volatile int _activeEpoch = NotActive;

    /// <summary>Whether this node is the active controller and has written what it must write first.</summary>
    public bool IsActive => _activeEpoch != NotActive;

    /// <summary>Decides a command and carries it out.</summary>
    /// <param name="command">Called once, with the time in milliseconds since 1970.</param>
    /// <param name="token">Gives up waiting for its turn; a command that has begun is finished.</param>
    /// <exception cref="NotLeaderException">This node is not active, or ceased to be, and the outcome is not known.</exception>
    /// <exception cref="CommandTooLargeException">What must be written as one is too much; nothing was written.</exception>
    public async Task<TResponse> ExecuteAsync<TResponse>(Func<MetadataController, long, Decision<TResponse>> command, CancellationToken token)
    {
        await _turn.WaitAsync(token).ConfigureAwait(false);
        try
        {
            Decision<TResponse> decision;
            int epoch;
            lock (_gate)
            {
                epoch = _activeEpoch;
                if (epoch == NotActive) throw new NotLeaderException("This node is not the active controller.");
                decision = command(controller, time.GetUtcNow().ToUnixTimeMilliseconds());
            }

            if (decision.IsAtomic && decision.Records.Count > AtomicRecordsMax)
                throw new CommandTooLargeException($"The request would write {decision.Records.Count} records at once; the limit is {AtomicRecordsMax}. Ask for less at a time.");
            await CommitAsync(decision.Records, decision.IsAtomic, epoch).ConfigureAwait(false);
            return decision.Response;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// This node leads, and has applied everything that was committed before: writes what a controller that has just become active must
    /// write, then takes commands.
    /// </summary>
    /// <param name="epoch">The epoch of its leadership.</param>
    /// <param name="bootstrap">Records for a cluster that has none yet.</param>
    /// <exception cref="NotLeaderException">Leadership was lost meanwhile.</exception>
    public async Task ActivateAsync(int epoch, IReadOnlyList<IMessage> bootstrap)
    {
        lock (_gate) _leadingEpoch = epoch;
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            IReadOnlyList<IMessage> records;
            lock (_gate)
            {
                controller.ForgetSessions();
                records = controller.Activate(bootstrap);
            }

            await CommitAsync(records, isAtomic: true, epoch).ConfigureAwait(false);
            lock (_gate)
            {
                if (_leadingEpoch == epoch) _activeEpoch = epoch;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>This node does not lead, or not in the epoch before.</summary>
    public void Deactivate()
    {
        lock (_gate) _leadingEpoch = _activeEpoch = NotActive;
    }

    /// <summary>Applies committed records; called by the quorum in order.</summary>
    /// <param name="offset">Offset of the last record.</param>
    /// <param name="epoch">Leader epoch of the last record.</param>
    public void Committed(long offset, int epoch, IReadOnlyList<IMessage> records)
    {
        MetadataChanges changes;
        MetadataImage image;
        lock (_gate)
        {
            changes = controller.Apply(records, offset, epoch);
            image = controller.Image;
        }

        publisher.Publish(image, changes);
    }

    /// <summary>Takes the contents of a snapshot for everything before; called by the quorum.</summary>
    /// <param name="offset">Offset of the last record that the snapshot replaces.</param>
    /// <param name="epoch">Leader epoch of that record.</param>
    /// <param name="records">The state as records.</param>
    public void Load(long offset, int epoch, IEnumerable<IMessage> records)
    {
        MetadataChanges changes;
        MetadataImage image;
        lock (_gate)
        {
            changes = controller.Load(records, offset, epoch);
            image = controller.Image;
        }

        publisher.Publish(image, changes);
    }

    public void Dispose() => _turn.Dispose();

    private async Task CommitAsync(IReadOnlyList<IMessage> records, bool isAtomic, int epoch)
    {
        if (records.Count == 0) return;
        short metadataVersion = MetadataVersionAfter(records);
        (IMessage, short)[] versioned = [.. records.Select(record => (record, RecordVersions.Of(record, metadataVersion)))];
        long offset = await log.AppendAsync(versioned, isAtomic, epoch).ConfigureAwait(false);
        await publisher.AppliedAsync(offset).ConfigureAwait(false);
    }

    // The very first write sets the version that its own later records are written in.
    private short MetadataVersionAfter(IReadOnlyList<IMessage> records)
    {
        short version = controller.Image.MetadataVersion;
        foreach (IMessage record in records)
            if (record is Protocol.Messages.FeatureLevelRecord { Name: FeatureNames.MetadataVersion } feature) version = Math.Max(version, feature.FeatureLevel);
        return version;
    }
}
