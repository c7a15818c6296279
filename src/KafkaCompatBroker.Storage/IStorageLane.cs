namespace KafkaCompatBroker.Storage;

/// <summary>Runs what may block (flush, preallocation, side files) off the threads that serve requests, in the order posted.</summary>
public interface IStorageLane
{
    void Post(Action work);
}

/// <summary>Runs posted work at once; for tests and tools.</summary>
public sealed class InlineLane : IStorageLane
{
    public void Post(Action work) => work();
}
