namespace KafkaCompatBroker.Raft.Roles;

/// <summary>Fetches that the leader holds because there is nothing new for them; at most one a replica.</summary>
internal sealed class ParkedFetches(RaftState state)
{
    private readonly Dictionary<ReplicaKey, (FetchRequest Request, long UntilMs)> _parked = [];

    public long DeadlineMs => _parked.Count == 0 ? long.MaxValue : _parked.Values.Min(parked => parked.UntilMs);

    public void AnswerOrPark(FetchRequest request, long highWatermark, long nowMs)
    {
        // A replica that asks again has given up its earlier request.
        if (_parked.Remove(request.Replica, out var earlier)) Answer(earlier.Request, highWatermark);
        if (request.Position.Offset < state.Log.EndOffset || request.HighWatermark < highWatermark || request.WaitMs <= 0) Answer(request, highWatermark);
        else _parked[request.Replica] = (request, nowMs + Math.Min(request.WaitMs, state.Options.FetchWaitMs));
    }

    public void AnswerAll(long highWatermark) => AnswerWhere(_ => true, highWatermark);

    public void AnswerExpired(long highWatermark, long nowMs) => AnswerWhere(parked => parked.UntilMs <= nowMs, highWatermark);

    public void AnswerBehind(long highWatermark) => AnswerWhere(parked => parked.Request.HighWatermark < highWatermark, highWatermark);

    public void RefuseAll()
    {
        foreach (var (_, parked) in _parked) state.Send(Responses.Fetch(state, parked.Request, RaftError.NotLeaderOrFollower));
        _parked.Clear();
    }

    private void AnswerWhere(Func<(FetchRequest Request, long UntilMs), bool> condition, long highWatermark)
    {
        foreach (var (replica, parked) in _parked.Where(parked => condition(parked.Value)).ToList())
        {
            _parked.Remove(replica);
            Answer(parked.Request, highWatermark);
        }
    }

    private void Answer(FetchRequest request, long highWatermark) =>
        state.Send(Responses.Fetch(state, request) with
        {
            HighWatermark = highWatermark,
            ReadFrom = request.Position.Offset < state.Log.EndOffset ? request.Position.Offset : null,
        });
}
