using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>
/// Deadlines of the members of all consumer groups of a shard. By names, because a member may be written to the log, and so come into being,
/// only after its deadline was set, and may change its group object when a group changes its protocol.
/// </summary>
/// <param name="deadlines">Deadlines of the shard.</param>
/// <param name="fence">Removes a member that missed a deadline.</param>
/// <param name="hasEpoch">True while the member is there and has the epoch.</param>
internal sealed class MemberTimers(DeadlineQueue deadlines, Action<ShardStep, string, string> fence, Func<string, string, int, bool> hasEpoch)
{
    /// <summary>When it is tried again to remove a member, in case the log did not take it.</summary>
    private const int RetryMs = 500;

    private readonly Dictionary<(string Group, string Member), Timers> _timers = [];

    /// <summary>The member has been heard.</summary>
    public void RenewSession(string groupId, string memberId, long dueMs)
    {
        Timers timers = Of(groupId, memberId);
        (timers.Session ??= Fencing(groupId, memberId)).Set(dueMs);
    }

    /// <summary>The member has to give up partitions before it is due, or leaves the group.</summary>
    public void AwaitRevocation(string groupId, string memberId, int epoch, long dueMs)
    {
        Timers timers = Of(groupId, memberId);
        timers.RevocationEpoch = epoch;
        timers.Revocation ??= deadlines.Make(step =>
        {
            if (hasEpoch(groupId, memberId, timers.RevocationEpoch)) Fence(step, groupId, memberId);
        });
        timers.Revocation.Set(dueMs);
    }

    public void CancelRevocation(string groupId, string memberId) => Find(groupId, memberId)?.Revocation?.Cancel();

    /// <summary>A classic member was told to join again; a time that runs already goes on.</summary>
    public void AwaitJoin(string groupId, string memberId, long dueMs)
    {
        Timers timers = Of(groupId, memberId);
        timers.Join ??= Fencing(groupId, memberId);
        if (!timers.Join.IsSet) timers.Join.Set(dueMs);
    }

    public void CancelJoin(string groupId, string memberId) => Find(groupId, memberId)?.Join?.Cancel();

    /// <summary>A classic member has joined and has to ask for its assignment.</summary>
    public void AwaitSync(string groupId, string memberId, long dueMs)
    {
        Timers timers = Of(groupId, memberId);
        (timers.Sync ??= Fencing(groupId, memberId)).Set(dueMs);
    }

    public void CancelSync(string groupId, string memberId) => Find(groupId, memberId)?.Sync?.Cancel();

    /// <summary>True when the member has missed a deadline that has not been carried out yet.</summary>
    public bool IsOverdue(string groupId, ConsumerMember member, long nowMs) => Find(groupId, member.MemberId) is { } timers &&
        (timers.Session?.DueMs <= nowMs || timers.Join?.DueMs <= nowMs || timers.Sync?.DueMs <= nowMs ||
        (timers.Revocation?.DueMs <= nowMs && timers.RevocationEpoch == member.Epoch));

    /// <summary>The member is being removed. Its session goes on in case the log does not take that, or it comes back at once; its end finds nobody otherwise.</summary>
    public void Leave(string groupId, string memberId)
    {
        CancelRevocation(groupId, memberId);
        CancelJoin(groupId, memberId);
        CancelSync(groupId, memberId);
    }

    /// <summary>Forgets a member.</summary>
    public void Cancel(string groupId, string memberId)
    {
        if (!_timers.Remove((groupId, memberId), out Timers? timers)) return;
        timers.Session?.Cancel();
        timers.Revocation?.Cancel();
        timers.Join?.Cancel();
        timers.Sync?.Cancel();
    }

    private Deadline Fencing(string groupId, string memberId) => deadlines.Make(step => Fence(step, groupId, memberId));

    private void Fence(ShardStep step, string groupId, string memberId)
    {
        RenewSession(groupId, memberId, step.NowMs + RetryMs);
        fence(step, groupId, memberId);
    }

    private Timers? Find(string groupId, string memberId) => _timers.GetValueOrDefault((groupId, memberId));

    private Timers Of(string groupId, string memberId)
    {
        if (!_timers.TryGetValue((groupId, memberId), out Timers? timers)) _timers.Add((groupId, memberId), timers = new Timers());
        return timers;
    }

    private sealed class Timers
    {
        public Deadline? Session { get; set; }

        public Deadline? Revocation { get; set; }

        public int RevocationEpoch { get; set; }

        public Deadline? Join { get; set; }

        public Deadline? Sync { get; set; }
    }
}
