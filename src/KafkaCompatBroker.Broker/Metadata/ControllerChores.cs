using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Metadata;

/// <summary>What the active controller does by the clock, listed once.</summary>
internal sealed class ControllerChores
{
    private const int ChecksInSession = 8;
    private const int ElectionsMax = 1000;

    private readonly List<ControllerChore> _chores = [];

    public ControllerChores(ControllerShell controller, TimerQueue timers, ConfigValues values, ILogger logger)
    {
        // Brokers that are not heard any more are fenced, one at a time.
        Add(Math.Max(1, values.Int("broker.session.timeout.ms") / ChecksInSession), static (active, nowMs) => active.FenceSilentBroker(nowMs));
        if (values.Int("metadata.max.idle.interval.ms") is > 0 and var idleMs)
        {
            // Followers and tools see by it that the quorum works although nothing changes (KIP-835).
            long lastOffset = -1;
            Add(idleMs, (active, _) =>
            {
                bool isIdle = active.Image.Offset == lastOffset;
                lastOffset = active.Image.Offset + (isIdle ? 1 : 0);
                return isIdle ? [new NoOpRecord()] : [];
            }, isOnce: true);
        }

        if (values.Boolean("auto.leader.rebalance.enable"))
            Add(values.Long("leader.imbalance.check.interval.seconds") * 1000, static (active, _) => active.BalanceLeaders(ElectionsMax));
        Add(values.Long("unclean.leader.election.interval.ms"), static (active, _) => active.ElectUncleanLeaders(ElectionsMax));

        void Add(long intervalMs, Func<MetadataController, long, IReadOnlyList<IMessage>> due, bool isOnce = false) =>
            _chores.Add(new ControllerChore(controller, timers, intervalMs, due, logger) { IsOnce = isOnce });
    }

    public void Start()
    {
        foreach (ControllerChore chore in _chores) chore.Start();
    }

    public void Stop()
    {
        foreach (ControllerChore chore in _chores) chore.Stop();
    }
}
