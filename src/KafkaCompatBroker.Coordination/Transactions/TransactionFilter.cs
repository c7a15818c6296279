using System.Text.RegularExpressions;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Transactions;

/// <summary>What ListTransactions asks for.</summary>
public sealed class TransactionFilter
{
    private readonly HashSet<TransactionStatus> _statuses = [];
    private readonly HashSet<long> _producerIds;
    private readonly long _minDurationMs;
    private readonly bool _asksForStates;
    private readonly Regex? _pattern;

    /// <exception cref="ArgumentException">The pattern is no regular expression: INVALID_REGULAR_EXPRESSION.</exception>
    public TransactionFilter(ListTransactionsRequest request)
    {
        List<string> unknown = [];
        foreach (string name in request.StateFilters)
        {
            if (Array.Find(Enum.GetValues<TransactionStatus>(), status => status.ToString() == name) is var status && status.ToString() == name)
                _statuses.Add(status);
            else
                unknown.Add(name);
        }

        UnknownStates = [.. unknown];
        _asksForStates = request.StateFilters.Length > 0;
        _producerIds = [.. request.ProducerIdFilters];
        _minDurationMs = request.DurationFilter;
        _pattern = PatternOf(request.TransactionalIdPattern);
    }

    /// <summary>Names of states that do not exist.</summary>
    public string[] UnknownStates { get; }

    /// <summary>Whether a transaction is to be listed.</summary>
    /// <param name="state">The transaction.</param>
    /// <param name="wallClockMs">The time, Unix milliseconds.</param>
    public bool Passes(TransactionState state, long wallClockMs) =>
        (_producerIds.Count == 0 || _producerIds.Contains(state.ProducerId))
        && (!_asksForStates || _statuses.Contains(state.Status))
        && (_minDurationMs < 0 || wallClockMs - state.StartedMs > _minDurationMs)
        && (_pattern is null || _pattern.IsMatch(state.TransactionalId));

    // Linear time whatever the pattern is, as with the engine that Kafka uses.
    private static Regex? PatternOf(string? pattern)
    {
        try
        {
            return string.IsNullOrEmpty(pattern) ? null : new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException cause)
        {
            throw new ArgumentException(cause.Message, nameof(pattern), cause);
        }
    }
}
