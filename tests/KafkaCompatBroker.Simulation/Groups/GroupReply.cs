using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Simulation.Groups;

internal sealed class GroupReply<TResponse> : Reply<TResponse>, GroupRun.IFallible
    where TResponse : class
{
    /// <summary>The step that answered could not be appended: the client gets an error of the shell.</summary>
    public bool IsLost { get; set; }

    public bool IsAnswered => Response is not null;

    public TResponse Answer => Response ?? throw new InvalidOperationException("no answer yet");
}
