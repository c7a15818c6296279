namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>Time for the quorum: begins as the time of day, in ms since 1970, and then never jumps or goes back.</summary>
internal sealed class QuorumClock(TimeProvider time)
{
    private readonly long _startMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly long _startTimestamp = time.GetTimestamp();

    public long NowMs => _startMs + (long)time.GetElapsedTime(_startTimestamp).TotalMilliseconds;
}
