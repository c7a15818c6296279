using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Coordination;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>Something that the active controller does again and again: it writes what is due now, until nothing is.</summary>
/// <param name="controller">The controller.</param>
/// <param name="timers">Calls it.</param>
/// <param name="intervalMs">Pause between two looks.</param>
/// <param name="due">The records that are due; none when nothing is. They may be written in several batches.</param>
/// <param name="logger">Hears of leadership lost meanwhile.</param>
internal sealed class ControllerChore(
    ControllerShell controller, TimerQueue timers, long intervalMs, Func<MetadataController, long, IReadOnlyList<IMessage>> due, ILogger logger) : TimerEntry
{
    private volatile bool _isStopped;

    /// <summary>Whether one look is enough, because what is due is never due twice in a row.</summary>
    public bool IsOnce { get; init; }

    public void Start() => timers.Add(this, intervalMs);

    public void Stop()
    {
        _isStopped = true;
        timers.Cancel(this);
    }

    protected internal override void OnDue() => _ = CarryOutAsync();

    private async Task CarryOutAsync()
    {
        try
        {
            while (!_isStopped && controller.IsActive && await WriteAsync().ConfigureAwait(false) && !IsOnce)
            {
            }
        }
        catch (NotLeaderException cause)
        {
            BrokerLog.ChoreFailed(logger, cause.Message);
        }

        if (!_isStopped) timers.Add(this, intervalMs);
    }

    private Task<bool> WriteAsync() => controller.ExecuteAsync(
        (active, nowMs) => due(active, nowMs) is { Count: > 0 } records ? new Decision<bool>(records, true) { IsAtomic = false } : Decision<bool>.Answer(false),
        CancellationToken.None);
}
