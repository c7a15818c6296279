using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>
/// Commands that came while the markers of a transactional id were being written, in order of arrival. They run again, one at a time for each
/// id, when it is free.
/// </summary>
internal sealed class ParkedCommands
{
    private readonly LinkedList<ParkedCommand> _waiting = [];
    private readonly HashSet<string> _free = new(StringComparer.Ordinal);

    /// <summary>When the next one is due: at once when an id is free.</summary>
    public long DeadlineMs => _free.Count > 0 ? 0 : _waiting.Count == 0 ? long.MaxValue : _waiting.Min(static command => command.UntilMs);

    public void Add(ParkedCommand command) => _waiting.AddLast(command);

    /// <summary>The markers of an id are written.</summary>
    public void Free(string transactionalId)
    {
        if (_waiting.Any(command => command.TransactionalId == transactionalId))
            _free.Add(transactionalId);
    }

    /// <summary>Runs the first command of every free id, and refuses those that waited long enough.</summary>
    public void Run(ShardStep step, HashSet<string> touched)
    {
        for (LinkedListNode<ParkedCommand>? node = _waiting.First, next; node is not null; node = next)
        {
            next = node.Next;
            ParkedCommand command = node.Value;
            if (_free.Contains(command.TransactionalId) && touched.Add(command.TransactionalId))
            {
                _waiting.Remove(node);
                command.Run(step);
            }
            else if (command.UntilMs <= step.NowMs)
            {
                _waiting.Remove(node);
                command.Refuse(step, ErrorCode.ConcurrentTransactions);
            }
        }

        _free.RemoveWhere(id => !_waiting.Any(command => command.TransactionalId == id));
    }

    public void RefuseAll(ShardStep step, ErrorCode error)
    {
        foreach (ParkedCommand command in _waiting)
            command.Refuse(step, error);
        _waiting.Clear();
        _free.Clear();
    }
}

/// <summary>One of <see cref="ParkedCommands"/>.</summary>
/// <param name="TransactionalId">The id that has to be free.</param>
/// <param name="UntilMs">Monotonic time at which it is refused with CONCURRENT_TRANSACTIONS.</param>
/// <param name="Run">Tries again.</param>
/// <param name="Refuse">Answers with an error.</param>
internal sealed record ParkedCommand(string TransactionalId, long UntilMs, Action<ShardStep> Run, Action<ShardStep, ErrorCode> Refuse);
