using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Transactions;

/// <summary>
/// DescribeTransactions (key 65), v0: state, producer and partitions of transactional ids that are coordinated here (KIP-664).
/// TRANSACTIONAL_ID_NOT_FOUND for an unknown one, NOT_COORDINATOR for one of another broker.
/// </summary>
public sealed class DescribeTransactionsHandler(TransactionCoordinator coordinator) : IRequestHandler<DescribeTransactionsRequest, DescribeTransactionsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DescribeTransactions);

    public async ValueTask<DescribeTransactionsResponse> HandleAsync(RequestContext context, DescribeTransactionsRequest request, CancellationToken token) =>
        new() { TransactionStates = await Task.WhenAll(request.TransactionalIds.Select(coordinator.DescribeAsync)) };
}
