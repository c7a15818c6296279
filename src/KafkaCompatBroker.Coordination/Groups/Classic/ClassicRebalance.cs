using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>How a classic group goes from one generation to the next: who is waited for, how long, and who is removed. Nothing of it is in the log.</summary>
internal sealed class ClassicRebalance(ClassicGroup group)
{
    private readonly HashSet<string> _syncsOwed = new(StringComparer.Ordinal);
    private Deadline? _joinDeadline;
    private Deadline? _syncDeadline;

    /// <summary>Of the first rebalance of a group only.</summary>
    private InitialDelay? _initialDelay;

    private ClassicMembers Members => group.Members;

    private Deadline JoinDeadline => _joinDeadline ??= group.Table.Deadlines.Make(JoinDeadlineReached);

    /// <summary>Begins a rebalance, or goes on with the one that has begun.</summary>
    public void PrepareOrComplete(ShardStep step)
    {
        if (group.State != ClassicGroupState.PreparingRebalance) Prepare(step);
        else CompleteIfAllJoined(step);
    }

    /// <summary>Asks all members to join again.</summary>
    public void Prepare(ShardStep step)
    {
        if (group.State == ClassicGroupState.CompletingRebalance) AbandonGeneration(step);
        StopWaitingForSyncs();

        bool isFirst = group.IsEmpty;
        group.Become(ClassicGroupState.PreparingRebalance, step.WallClockMs);
        if (isFirst)
        {
            int delayMs = group.Table.Settings.InitialRebalanceDelayMs;
            _initialDelay = new InitialDelay(delayMs, Math.Max(Members.RebalanceTimeoutMs - delayMs, 0));
            JoinDeadline.Set(step.NowMs + delayMs);
        }
        else if (Members.HaveAllJoined)
        {
            Complete(step);
        }
        else
        {
            JoinDeadline.Set(step.NowMs + Members.RebalanceTimeoutMs);
        }
    }

    /// <summary>Somebody new joins the first rebalance: it waits for more, within the group's rebalance timeout.</summary>
    public void ExtendInitialDelay()
    {
        if (_initialDelay is not null) _initialDelay = _initialDelay with { HasNewMember = true };
    }

    /// <summary>Ends the join phase when nobody is waited for; the first rebalance takes its whole delay.</summary>
    public void CompleteIfAllJoined(ShardStep step)
    {
        bool isFirst = group.PreviousState == ClassicGroupState.Empty;
        if (group.State == ClassicGroupState.PreparingRebalance && !isFirst && Members.HaveAllJoined) Complete(step);
    }

    /// <summary>The member has sent its SyncGroup.</summary>
    public void SyncArrived(string memberId)
    {
        _syncsOwed.Remove(memberId);
        if (_syncsOwed.Count == 0) _syncDeadline?.Cancel();
    }

    /// <summary>The member is alive now and has its whole session again.</summary>
    public void RenewSession(ShardStep step, ClassicMember member) => RenewSession(step, member, member.SessionTimeoutMs);

    /// <summary>The member has so long until it is taken for dead.</summary>
    public void RenewSession(ShardStep step, ClassicMember member, int timeoutMs)
    {
        member.Session ??= group.Table.Deadlines.Make(expired => ExpireSession(expired, member));
        member.Session.Set(step.NowMs + timeoutMs);
    }

    /// <summary>Somebody has been given a member id and is to come back with it within its session.</summary>
    public void Expect(ShardStep step, string memberId, int sessionTimeoutMs)
    {
        Deadline deadline = group.Table.Deadlines.Make(expired =>
        {
            Members.DropExpected(memberId);
            CompleteIfAllJoined(expired);
        });
        deadline.Set(step.NowMs + sessionTimeoutMs);
        Members.Expect(memberId, deadline);
    }

    /// <summary>Removes a member; a request of it that waits is answered with an error, upon which a client that is alive joins anew.</summary>
    public void Remove(ShardStep step, ClassicMember member)
    {
        AnswerWaiting(step, member, ErrorCode.UnknownMemberId, ErrorCode.UnknownMemberId);
        _syncsOwed.Remove(member.MemberId);
        Members.Remove(member);
    }

    /// <summary>Answers what waits of a member with an error.</summary>
    public void AnswerWaiting(ShardStep step, ClassicMember member, ErrorCode joinError, ErrorCode syncError)
    {
        if (member.Join is { } join)
        {
            Members.Await(member, null);
            string memberId = joinError == ErrorCode.UnknownMemberId ? "" : member.MemberId;
            step.Answer(join.Reply, ClassicJoin.Refusal(join.ApiVersion, memberId, joinError));
        }

        if (member.Sync is { } sync)
        {
            member.Sync = null;
            step.Answer(sync, new SyncGroupResponse { ErrorCode = syncError });
        }
    }

    /// <summary>Cancels all deadlines.</summary>
    public void Cancel()
    {
        _joinDeadline?.Cancel();
        StopWaitingForSyncs();
    }

    private void JoinDeadlineReached(ShardStep step)
    {
        if (group.State != ClassicGroupState.PreparingRebalance) return;
        if (_initialDelay is { HasNewMember: true, RemainingMs: > 0 } delay)
        {
            int nextMs = Math.Min(group.Table.Settings.InitialRebalanceDelayMs, delay.RemainingMs);
            _initialDelay = new InitialDelay(nextMs, Math.Max(delay.RemainingMs - delay.DelayMs, 0));
            JoinDeadline.Set(step.NowMs + nextMs);
            return;
        }

        Complete(step);
    }

    /// <summary>Ends the join phase: dynamic members who have not joined are out, static members stay until their session ends (KIP-345).</summary>
    private void Complete(ShardStep step)
    {
        _joinDeadline?.Cancel();
        _initialDelay = null;
        foreach (ClassicMember member in Members.All.Where(member => member.Join is null && !member.IsStatic).ToArray()) Remove(step, member);
        if (Members.Count > 0 && !Members.ElectJoinedLeader())
        {
            // Only static members, and none has joined: their sessions decide.
            JoinDeadline.Set(step.NowMs + Members.RebalanceTimeoutMs);
            return;
        }

        group.StartGeneration(step.WallClockMs);
        _syncsOwed.Clear();
        if (Members.Count == 0)
        {
            group.Write(step);
            return;
        }

        foreach (ClassicMember member in Members.All)
        {
            if (member.Join is { } join)
            {
                Members.Await(member, null);
                step.Answer(join.Reply, ClassicJoin.Joined(group, member, join.ApiVersion));
            }

            RenewSession(step, member);
            member.IsNew = false;
            _syncsOwed.Add(member.MemberId);
        }

        _syncDeadline ??= group.Table.Deadlines.Make(SyncDeadlineReached);
        _syncDeadline.Set(step.NowMs + Members.RebalanceTimeoutMs);
    }

    /// <summary>Who was told of the generation and has not asked for its assignment in time is out.</summary>
    private void SyncDeadlineReached(ShardStep step)
    {
        if (_syncsOwed.Count == 0) return;
        foreach (string memberId in _syncsOwed.ToArray())
        {
            if (Members.TryFind(memberId, out ClassicMember? member)) Remove(step, member);
        }

        Prepare(step);
    }

    private void ExpireSession(ShardStep step, ClassicMember member)
    {
        bool isPresent = Members.TryFind(member.MemberId, out ClassicMember? present) && present == member;
        if (!isPresent || member.IsHeard) return;
        Remove(step, member);
        if (group.State == ClassicGroupState.PreparingRebalance)
        {
            if (Members.HaveAllJoined) Complete(step);
        }
        else
        {
            Prepare(step);
        }
    }

    /// <summary>Whoever waits for an assignment of this generation has to join the next.</summary>
    private void AbandonGeneration(ShardStep step)
    {
        foreach (ClassicMember member in Members.All)
        {
            member.Assignment = [];
            if (member.Sync is not { } sync) continue;
            member.Sync = null;
            step.Answer(sync, new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress });
            RenewSession(step, member);
        }
    }

    private void StopWaitingForSyncs()
    {
        _syncsOwed.Clear();
        _syncDeadline?.Cancel();
    }

    /// <summary>How long the first rebalance waits now, and how much longer it may.</summary>
    private sealed record InitialDelay(int DelayMs, int RemainingMs)
    {
        public bool HasNewMember { get; init; }
    }
}
