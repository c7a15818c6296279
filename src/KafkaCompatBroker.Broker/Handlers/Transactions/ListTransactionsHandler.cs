using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Broker.Transactions;
using KafkaCompatBroker.Coordination.Transactions;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Transactions;

/// <summary>
/// ListTransactions (key 66), v0-v2: transactions whose coordinator is here, by state and producer id (KIP-664), v1 by how long they last (KIP-994),
/// v2 by a pattern of ids (KIP-1152), which is INVALID_REGULAR_EXPRESSION when it is none. A state that nobody knows is named in the answer.
/// </summary>
public sealed class ListTransactionsHandler(TransactionCoordinator coordinator) : IRequestHandler<ListTransactionsRequest, ListTransactionsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ListTransactions);

    public async ValueTask<ListTransactionsResponse> HandleAsync(RequestContext context, ListTransactionsRequest request, CancellationToken token)
    {
        TransactionFilter filter;
        try
        {
            filter = new TransactionFilter(request);
        }
        catch (ArgumentException)
        {
            return new ListTransactionsResponse { ErrorCode = ErrorCode.InvalidRegularExpression };
        }

        ListTransactionsResponse response = await coordinator.ListAsync(filter);
        response.UnknownStateFilters = filter.UnknownStates;
        return response;
    }
}
