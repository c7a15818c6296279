using KafkaCompatBroker.Broker.Coordinators;
using KafkaCompatBroker.Network;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>Keeps a connection mute for as long as its client was told (KIP-219); of several times that overlap the one that ends last counts.</summary>
internal sealed class ConnectionThrottle(Connection connection, TimerQueue timers) : TimerEntry
{
    private readonly Lock _gate = new();
    private long _untilMs;
    private bool _isOver;

    /// <summary>Starts no further request for some milliseconds; to be called before the answer leaves.</summary>
    public void Mute(int throttleMs)
    {
        lock (_gate)
        {
            long untilMs = timers.NowMs + throttleMs;
            if (_isOver || untilMs <= _untilMs) return;
            _untilMs = untilMs;
            timers.Cancel(this);
            timers.Add(this, throttleMs);
            connection.Mute();
        }
    }

    /// <summary>The connection is closed.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
            timers.Cancel(this);
        }
    }

    protected internal override void OnDue()
    {
        lock (_gate)
        {
            // It may have been muted for longer while this was on its way.
            if (!_isOver && timers.NowMs >= _untilMs) connection.Unmute();
        }
    }
}
