using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Coordination;
using KafkaCompatBroker.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Has the active controller fence the brokers that it no longer hears, several times in a session's time-out.</summary>
internal sealed class BrokerSessions(ControllerShell controller, TimerQueue timers, int sessionTimeoutMs, ILogger logger) : TimerEntry
{
    private const int ChecksInTimeout = 8;

    private readonly long _intervalMs = Math.Max(1, sessionTimeoutMs / ChecksInTimeout);
    private volatile bool _isStopped;

    public void Start() => timers.Add(this, _intervalMs);

    public void Stop()
    {
        _isStopped = true;
        timers.Cancel(this);
    }

    protected internal override void OnDue() => _ = FenceSilentAsync();

    private async Task FenceSilentAsync()
    {
        try
        {
            while (controller.IsActive && await FenceOneAsync().ConfigureAwait(false))
            {
            }
        }
        catch (NotLeaderException cause)
        {
            BrokerLog.FencingFailed(logger, cause.Message);
        }

        if (!_isStopped) timers.Add(this, _intervalMs);
    }

    private Task<bool> FenceOneAsync() => controller.ExecuteAsync(
        static (active, nowMs) => active.FenceSilentBroker(nowMs) is { Count: > 0 } records ? new Decision<bool>(records, true) : Decision<bool>.Answer(false),
        CancellationToken.None);
}
