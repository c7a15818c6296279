using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>The DeleteRecords that wait for the followers of one partition. Guarded by the partition's lock, but for the completions.</summary>
internal sealed class DeletionWaits
{
    private readonly List<PendingDeletionPart> _parts = [];

    public bool IsEmpty => _parts.Count == 0;

    public void Add(PendingDeletionPart part) => _parts.Add(part);

    public bool Remove(PendingDeletionPart part) => _parts.Remove(part);

    /// <summary>Takes out what the low watermark has reached.</summary>
    public List<PendingDeletionPart> Take(long lowWatermark)
    {
        List<PendingDeletionPart> ready = _parts.FindAll(part => part.RequiredOffset <= lowWatermark);
        if (ready.Count > 0)
            _parts.RemoveAll(ready.Contains);
        return ready;
    }

    public static void Complete(List<PendingDeletionPart>? parts, ErrorCode error, long lowWatermark)
    {
        if (parts is null)
            return;
        foreach (PendingDeletionPart part in parts)
            part.Complete(error, lowWatermark);
    }
}
