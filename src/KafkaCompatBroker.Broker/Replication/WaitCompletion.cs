using KafkaCompatBroker.Coordination.Partitions;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>Ends waits that a partition handed back; called without its lock.</summary>
internal static class WaitCompletion
{
    public static void Complete(this ReadyWaits ready)
    {
        for (WaitingProduce? wait = ready.Produces; wait is not null;)
        {
            WaitingProduce? next = wait.NextReady;
            ((CommitWait)wait).Committed();
            wait = next;
        }

        for (WaitingFetch? wait = ready.Fetches; wait is not null;)
        {
            // A woken fetch may park again before the loop goes on.
            WaitingFetch? next = wait.NextReady;
            ((PendingFetchPart)wait).Wake();
            wait = next;
        }
    }
}
