using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Simulation.Transactions;

/// <summary>A reply of any type, as the tests' shell keeps it.</summary>
internal interface ITestReply
{
    /// <summary>Whoever waits for it hears no more than that it is lost.</summary>
    bool IsLost { get; set; }

    /// <summary>It was answered, or is lost.</summary>
    bool IsSettled { get; }
}

/// <summary>A reply that a test looks at.</summary>
internal sealed class TestReply<TResponse> : Reply<TResponse>, ITestReply
    where TResponse : class
{
    public bool IsLost { get; set; }

    public bool IsSettled => IsLost || Response is not null;
}
