using Xunit.Abstractions;

namespace KafkaCompatBroker.Simulation.Tests;

/// <summary>Proof that the simulation would notice: each of these bugs in the core, or in its driver, breaks an invariant within some seeds.</summary>
public sealed class RaftMutantTests(ITestOutputHelper output)
{
    private const ulong Seeds = 5_000;

    private static readonly Mutant[] Mutants =
    [
        new("votes_twice_in_an_epoch", "Roles/ElectionRules.cs", "if (state.Voted is { } voted) return voted.Covers(request.Candidate);", ""),
        new("votes_without_looking_at_the_log", "Roles/ElectionRules.cs", "return state.LeaderId == QuorumStateRecord.NoLeader && isLogUpToDate;", "return state.LeaderId == QuorumStateRecord.NoLeader;"),
        new("compares_only_the_length_of_logs", "LogPosition.cs", "Epoch != other.Epoch ? Epoch > other.Epoch : Offset >= other.Offset", "Offset >= other.Offset"),
        new("wins_with_half_of_the_votes", "VoterSet.cs", "public int Majority => _voters.Length / 2 + 1;", "public int Majority => Math.Max(1, _voters.Length / 2);"),
        new("forgets_its_vote_on_restart", "RaftState.cs", "(_persisted.LeaderEpoch, _persisted.LeaderId, _persisted.Voted);", "(_persisted.LeaderEpoch, _persisted.LeaderId, null);"),
        new("leads_its_old_epoch_after_a_restart", "RaftNode.cs", "_state.BecomeResigned([], nowMs);", "_state.BecomeLeader([], nowMs);"),
        new("commits_earlier_epochs_by_counting", "Roles/Leader.cs", "if (committed <= _epochStartOffset || committed <= _highWatermark) return;", "if (committed <= _highWatermark) return;"),
        new("commits_what_a_minority_has", "Roles/ReplicaTable.cs", "ends[ends.Length / 2]", "ends[Math.Max(0, ends.Length / 2 - 1)]"),
        new("does_not_check_where_logs_differ", "Roles/Leader.cs", "return end.Epoch == position.Epoch && position.Offset <= end.Offset ? default : (end, null);", "return default;"),
        new("cuts_one_batch_too_few", "Roles/Follower.cs", "var endOffset = common.Epoch == diverging.Epoch ? Math.Min(common.Offset, diverging.Offset) : common.Offset;", "var endOffset = Math.Max(common.Offset, Math.Min(State.Log.EndOffset, diverging.Offset));"),
        new("ignores_divergence", "Roles/Follower.cs", "State.Log.TruncateTo(endOffset);", ""),
        new("takes_the_leaders_high_watermark_unseen", "Roles/Follower.cs", "var highWatermark = Math.Min(response.HighWatermark, State.Log.EndOffset);", "var highWatermark = Math.Max(State.Log.HighWatermark, State.Log.EndOffset);"),
        new("accepts_answers_of_an_older_epoch", "RaftNode.cs", "if (response.Epoch < _state.Epoch)", "if (false)"),
        new("raises_the_epoch_for_a_pre_vote", "Roles/Prospective.cs", "_ballot.Count(response.Source, response.Granted);", "_ballot.Count(response.Source, true);"),
        new("counts_a_pre_vote_as_a_vote", "RequestHandling.cs", "if (granted && !request.PreVote)", "if (granted)"),
        new("changes_voters_before_its_own_commit", "Roles/VoterChanges.cs",
            "if (leader.HighWatermark < 0) return (RaftError.RequestTimedOut, \"The leader has not committed anything yet, so an earlier change may be under way.\");", "",
            "LatestOffset >= leader.HighWatermark;", "LatestOffset >= state.Log.HighWatermark;"),
        new("changes_voters_while_a_change_is_open", "Roles/VoterChanges.cs", "private bool IsUncommitted => state.Log.VoterHistory.LatestOffset >= leader.HighWatermark;", "private bool IsUncommitted => false;"),
        new("keeps_truncated_voters", "VoterHistory.cs", "while (_sets.Count > 0 && _sets[^1].Offset >= endOffset) _sets.RemoveAt(_sets.Count - 1);", ""),
        new("takes_any_directory_for_the_voter", "ReplicaKey.cs", "Id == other.Id && (DirectoryId == DirectoryId.Zero || DirectoryId == other.DirectoryId)", "Id == other.Id"),
        new("removed_leader_counts_itself", "Roles/ReplicaTable.cs", "foreach (var removed in _voters.Values) _observers[removed.Key] = removed;", "foreach (var removed in _voters.Values) if (removed.Key.Id == _local.Id) followed[removed.Key.Id] = removed; else _observers[removed.Key] = removed;"),
        new("removed_leader_stays", "Roles/Leader.cs", "if (!State.IsVoter && State.Log.VoterHistory.LatestOffset < committed) Resign(nowMs);", ""),
        new("removed_replica_does_not_stand", "RaftState.cs", "public bool MayStand => Log.VoterHistory.MayStillVote(Options.Local, Log.HighWatermark);", "public bool MayStand => IsVoter;"),
        new("forgets_the_voters_of_a_snapshot", "LogView.cs", "_voters.ResetTo(snapshot.Offset - 1, voters);", "_voters.ResetTo(snapshot.Offset - 1, null);"),
        new("does_not_cut_the_log_under_a_snapshot_found", "LogView.cs", "if (LatestSnapshot is { } snapshot && !End.IsAtLeastAsNewAs(snapshot)) StartAfter(snapshot);", ""),
        new("takes_a_snapshot_for_whole_too_early", "Roles/Follower.cs", "var isWhole = nextPosition == response.Size;", "var isWhole = nextPosition >= response.Size - 2;"),
        new("counts_observers", "Roles/ReplicaTable.cs", "var ends = _voters.Values.Select", "var ends = _voters.Values.Concat(_observers.Values).Select"),
        new("serves_fetches_of_an_older_epoch", "RequestHandling.cs", "if (epoch < state.Epoch) return RaftError.FencedLeaderEpoch;", ""),
        new("serves_fetches_of_a_newer_epoch", "RequestHandling.cs", "if (epoch > state.Epoch) return RaftError.UnknownLeaderEpoch;", ""),
        new("never_steps_down", "Roles/Leader.cs", "if (!IsAlone && nowMs >= _checkQuorumMs)", "if (false)"),
    ];

    public static TheoryData<string> Names => [.. Mutants.Select(mutant => mutant.Name)];

    public static TheoryData<HarnessFault> Faults => [.. Enum.GetValues<HarnessFault>().Where(fault => fault != HarnessFault.None)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bug_in_the_core_is_caught(string name)
    {
        var core = new MutantProject("KafkaCompatBroker.Raft", Mutants.Single(mutant => mutant.Name == name));
        var violation = core.FirstViolation(typeof(Simulator), 0, Seeds);
        core.Unload();
        output.WriteLine(violation?.Split('\n')[0] ?? "not caught");
        Assert.NotNull(violation);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_bug_in_the_driver_is_caught(HarnessFault fault)
    {
        var violation = Simulator.FirstViolation(0, Seeds, SimulationForm.Short, fault);
        output.WriteLine(violation?.Split('\n')[0] ?? "not caught");
        Assert.NotNull(violation);
    }
}
