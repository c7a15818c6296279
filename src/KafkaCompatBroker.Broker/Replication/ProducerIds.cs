using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// Hands out producer ids, each once, from blocks of the controller (KIP-730). What is left of a block is lost at a restart.
/// </summary>
/// <param name="allocate">Asks the controller for a block.</param>
public sealed class ProducerIds(Func<Task<AllocateProducerIdsResponse>> allocate)
{
    private readonly Lock _lock = new();
    private long _next;
    private long _end;
    private Task? _allocation;
    private ErrorCode _refusal;

    /// <summary>The next id, or the controller's error.</summary>
    public async ValueTask<(ErrorCode Error, long ProducerId)> NextAsync(CancellationToken token)
    {
        while (true)
        {
            Task allocation;
            lock (_lock)
            {
                if (_next < _end)
                    return (ErrorCode.None, _next++);
                allocation = _allocation ??= Task.Run(AllocateAsync, CancellationToken.None);
            }

            await allocation.WaitAsync(token);
            lock (_lock)
            {
                if (_refusal != ErrorCode.None)
                    return (_refusal, -1);
            }
        }
    }

    private async Task AllocateAsync()
    {
        AllocateProducerIdsResponse block = new() { ErrorCode = ErrorCode.CoordinatorLoadInProgress };
        try
        {
            block = await allocate();
        }
        finally
        {
            lock (_lock)
            {
                _allocation = null;
                _refusal = block.ErrorCode;
                if (block.ErrorCode == ErrorCode.None)
                {
                    _next = block.ProducerIdStart;
                    _end = block.ProducerIdStart + block.ProducerIdLen;
                }
            }
        }
    }
}
