using System.Collections.Concurrent;

namespace KafkaCompatBroker.Network;

/// <summary>Send buffers between sends: a connection holds one only while it has something to send.</summary>
internal sealed class OutgoingBatchPool
{
    private const int KeptMax = 64;
    private readonly ConcurrentQueue<OutgoingBatch> _free = new();

    public OutgoingBatch Rent() => _free.TryDequeue(out OutgoingBatch? batch) ? batch : new OutgoingBatch();

    public void Return(OutgoingBatch batch)
    {
        batch.Clear();
        if (_free.Count < KeptMax) _free.Enqueue(batch);
    }
}
