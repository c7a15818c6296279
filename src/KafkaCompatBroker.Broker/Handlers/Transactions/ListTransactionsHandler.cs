using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Transactions;

/// <summary>
/// ListTransactions (66): transactions whose coordinator is here (KIP-664). This broker runs no coordinators, so there are none; tools
/// that ask every broker need the answer all the same. A state that nobody knows is named in the answer.
/// </summary>
public sealed class ListTransactionsHandler : IRequestHandler<ListTransactionsRequest, ListTransactionsResponse>
{
    private static readonly string[] States =
        ["Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort", "Dead", "PrepareEpochFence"];

    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.ListTransactions);

    public ValueTask<ListTransactionsResponse> HandleAsync(RequestContext context, ListTransactionsRequest request, CancellationToken token) =>
        ValueTask.FromResult(new ListTransactionsResponse { UnknownStateFilters = [.. request.StateFilters.Except(States, StringComparer.Ordinal)] });
}
