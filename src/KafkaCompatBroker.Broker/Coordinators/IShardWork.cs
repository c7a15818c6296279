namespace KafkaCompatBroker.Broker.Coordinators;

/// <summary>Something that one shard does, between two others. A command is its own work and its own reply: most requests need no more.</summary>
internal interface IShardWork
{
    void Run();
}

/// <summary>Work that is no command.</summary>
internal sealed class ShardAction(Action act) : IShardWork
{
    public void Run() => act();
}
