using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Coordination.Partitions;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Replication;

/// <summary>
/// Takes what the leaders of this broker propose about their in-sync replicas to the active controller (KIP-497): one request at a time,
/// with everything that has been proposed since the last. A proposal is sent until the controller has decided, or the partition has
/// another assignment. Any thread.
/// </summary>
public sealed class IsrProposals(IActiveController controller, int brokerId, Func<long> brokerEpoch, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly Dictionary<TopicIdPartition, (Partition Partition, IsrProposal Proposal)> _unsent = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _sending = Task.CompletedTask;
    private bool _isSending;

    /// <summary>Queues a proposal; an older one of the same partition is forgotten.</summary>
    public void Submit(Partition partition, IsrProposal proposal)
    {
        lock (_lock)
        {
            _unsent[new(partition.TopicId, partition.Name.Partition)] = (partition, proposal);
            if (_isSending || _stopping.IsCancellationRequested)
                return;
            _isSending = true;
            _sending = Task.Run(SendAsync, CancellationToken.None);
        }
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task sending;
        lock (_lock)
            sending = _sending;
        await sending.ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task SendAsync()
    {
        while (TakeUnsent() is { } batch)
        {
            ErrorCode error = ErrorCode.UnknownServerError;
            try
            {
                AlterPartitionResponse response = await controller.AlterPartitionAsync(Request(batch), _stopping.Token).ConfigureAwait(false);
                error = response.ErrorCode;
                if (error == ErrorCode.None)
                    error = Deliver(batch, response);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception cause) when (cause is not OutOfMemoryException)
            {
                // Whatever went wrong on the way, the proposals stand until the controller has decided.
                BrokerLog.ProposalsFailed(logger, cause, batch.Count);
            }

            if (error == ErrorCode.None)
                continue;
            BrokerLog.ProposalsDelayed(logger, batch.Count, error);
            Requeue(batch);
            await Task.Delay(RetryPause, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Dictionary<TopicIdPartition, (Partition Partition, IsrProposal Proposal)>? TakeUnsent()
    {
        lock (_lock)
        {
            foreach ((TopicIdPartition id, (Partition partition, IsrProposal proposal)) in _unsent.ToArray())
            {
                if (!partition.IsProposed(proposal))
                    _unsent.Remove(id);
            }

            if (_unsent.Count == 0 || _stopping.IsCancellationRequested)
            {
                _isSending = false;
                return null;
            }

            Dictionary<TopicIdPartition, (Partition Partition, IsrProposal Proposal)> batch = new(_unsent);
            _unsent.Clear();
            return batch;
        }
    }

    private void Requeue(Dictionary<TopicIdPartition, (Partition Partition, IsrProposal Proposal)> batch)
    {
        lock (_lock)
        {
            foreach ((TopicIdPartition id, (Partition Partition, IsrProposal Proposal) proposed) in batch)
                _unsent.TryAdd(id, proposed);
        }
    }

    private AlterPartitionRequest Request(Dictionary<TopicIdPartition, (Partition Partition, IsrProposal Proposal)> batch)
    {
        long epoch = brokerEpoch();
        return new AlterPartitionRequest
        {
            BrokerId = brokerId,
            BrokerEpoch = epoch,
            Topics = [.. batch.GroupBy(static one => one.Key.TopicId).Select(topic => new AlterPartitionRequest.TopicData
            {
                TopicId = topic.Key,
                Partitions = [.. topic.Select(one => Wish(one.Key.Partition, one.Value.Proposal, epoch))],
            })],
        };
    }

    private AlterPartitionRequest.PartitionData Wish(int index, IsrProposal proposal, long epoch) => new()
    {
        PartitionIndex = index,
        LeaderEpoch = proposal.LeaderEpoch,
        PartitionEpoch = proposal.PartitionEpoch,
        NewIsrWithEpochs = [.. proposal.Members.Select(member => new AlterPartitionRequest.BrokerState
        {
            BrokerId = member.BrokerId,
            BrokerEpoch = member.BrokerId == brokerId ? epoch : member.BrokerEpoch,
        })],
    };

    /// <summary>Tells the partitions; an error when some must be asked about again.</summary>
    private ErrorCode Deliver(Dictionary<TopicIdPartition, (Partition Partition, IsrProposal Proposal)> batch, AlterPartitionResponse response)
    {
        ErrorCode again = ErrorCode.None;
        foreach (AlterPartitionResponse.TopicData topic in response.Topics)
        {
            foreach (AlterPartitionResponse.PartitionData answer in topic.Partitions)
            {
                TopicIdPartition id = new(topic.TopicId, answer.PartitionIndex);
                if (!batch.TryGetValue(id, out (Partition Partition, IsrProposal Proposal) proposed))
                    continue;
                if (proposed.Partition.ProposalAnswered(proposed.Proposal, answer, time.GetUtcNow().ToUnixTimeMilliseconds()))
                {
                    again = answer.ErrorCode;
                    continue;
                }

                if (answer.ErrorCode == ErrorCode.None)
                    BrokerLog.InSyncReplicasChanged(logger, proposed.Partition.Name, string.Join(',', answer.Isr), answer.PartitionEpoch);
                else
                    BrokerLog.ProposalRefused(logger, proposed.Partition.Name, answer.ErrorCode);
                batch.Remove(id);
            }
        }

        return batch.Count > 0 && again == ErrorCode.None ? ErrorCode.UnknownServerError : again;
    }
}
