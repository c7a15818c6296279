using KafkaCompatBroker.Coordination;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>
/// Runs the controller: one command at a time is decided, appended and answered when its records are committed and in the image
/// that handlers read. Commands come from any thread; committed records from the quorum's. A crash loses at most commands that
/// nobody was told the outcome of.
/// </summary>
public sealed class ControllerShell(MetadataController controller, IMetadataLog log, MetadataPublisher publisher, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();

    /// <summary>Decides a command and carries it out.</summary>
    /// <param name="command">Called once, with the time in milliseconds since 1970.</param>
    /// <param name="token">Gives up waiting for its turn; a command that has begun is finished.</param>
    public async Task<TResponse> ExecuteAsync<TResponse>(Func<MetadataController, long, Decision<TResponse>> command, CancellationToken token)
    {
        await _turn.WaitAsync(token).ConfigureAwait(false);
        try
        {
            Decision<TResponse> decision;
            lock (_gate) decision = command(controller, time.GetUtcNow().ToUnixTimeMilliseconds());
            await CommitAsync(decision.Records).ConfigureAwait(false);
            return decision.Response;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Writes what a controller that has just become active must write.</summary>
    public async Task ActivateAsync(IReadOnlyList<IMessage> bootstrap, CancellationToken token) =>
        await ExecuteAsync((active, _) => new Decision<bool>(active.Activate(bootstrap), true), token).ConfigureAwait(false);

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

    /// <summary>Forgets everything; a snapshot follows.</summary>
    public void Reset()
    {
        lock (_gate) controller.Reset();
    }

    public void Dispose() => _turn.Dispose();

    private async Task CommitAsync(IReadOnlyList<IMessage> records)
    {
        if (records.Count == 0) return;
        short metadataVersion = MetadataVersionAfter(records);
        (IMessage, short)[] versioned = [.. records.Select(record => (record, RecordVersions.Of(record, metadataVersion)))];
        long offset = await log.AppendAsync(versioned, atomic: true).ConfigureAwait(false);
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
