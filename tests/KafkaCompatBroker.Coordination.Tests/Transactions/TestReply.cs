using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Tests.Transactions;

internal sealed class TestReply<TResponse> : Reply<TResponse>
    where TResponse : class
{
    /// <summary>The step that answered could not be appended: the client gets an error of the shell.</summary>
    public bool IsLost { get; set; }
}
