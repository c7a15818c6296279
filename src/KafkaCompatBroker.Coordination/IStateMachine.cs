using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination;

/// <summary>State that only replayed records change, the same on the leader and on reload.</summary>
public interface IStateMachine
{
    /// <summary>Applies one committed record.</summary>
    void Apply(IMessage record);
}
