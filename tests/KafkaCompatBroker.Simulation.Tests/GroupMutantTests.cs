using KafkaCompatBroker.Simulation.Groups;
using Xunit.Abstractions;

namespace KafkaCompatBroker.Simulation.Tests;

/// <summary>Proof that the histories of groups would notice: each of these bugs in the shard breaks an invariant within some seeds.</summary>
public sealed class GroupMutantTests(ITestOutputHelper output)
{
    private const ulong Seeds = 6_000;

    private static readonly Mutant[] Mutants =
    [
        new("counts_aborted_offsets", "Groups/Offsets/OffsetTable.cs", "if (isCommit) CommitAll(groupId, offsets);", "CommitAll(groupId, offsets);"),
        new("lets_the_later_marker_win", "Groups/Offsets/OffsetTable.cs", "is not { } present || present.RecordOffset < offset.RecordOffset)", "is not { } || true)"),
        new("shows_offsets_of_open_transactions", "Groups/Offsets/OffsetQueries.cs", "bool hasPending = requireStable && offsets.HasPending(groupId);", "bool hasPending = false;"),
        new("commits_transactions_at_once", "Groups/Offsets/OffsetCommands.cs", "step.BelongTo(request.ProducerId, request.ProducerEpoch);", ""),
        new("takes_commits_of_older_generations", "Groups/Classic/ClassicGroup.cs", "if (generationOrEpoch != Generation) return ErrorCode.IllegalGeneration;", ""),
        new("hands_assignments_to_older_generations", "Groups/Classic/ClassicSync.cs", "if (request.GenerationId != group.Generation) return ErrorCode.IllegalGeneration;", ""),
        new("forgets_its_generation", "Groups/Classic/ClassicGroup.cs", "Generation = value.Generation;\n        ProtocolName", "Generation = 0;\n        ProtocolName"),
        new("answers_static_members_before_the_log", "Groups/Classic/ClassicGroup.cs", "step.Write(ClassicGroupRecords.OfReplaced(this, old, successor));", "Members.Replace(old, successor);"),
        new("gives_partitions_that_others_own", "Groups/Consumer/ConsumerGroup.cs", "public bool IsFree(Uuid topic, int partition) => !_owners.ContainsKey((topic, partition));", "public bool IsFree(Uuid topic, int partition) => true;"),
        new("forgets_what_is_to_be_given_up", "Groups/Consumer/ConsumerGroupReplay.cs", "PendingRevocation = Partitions(value.PartitionsPendingRevocation, value.MemberEpoch),", "PendingRevocation = OwnedPartitions.None,"),
        new("forgets_sessions_on_reload", "Groups/Consumer/ConsumerGroup.cs", "context.Timers.RenewSession(GroupId, member.MemberId, step.NowMs + context.SessionTimeoutMs(GroupId, member));", ""),
        new("gives_no_epochs_to_changed_topics", "Groups/Consumer/MemberUpdate.cs", "if (mustBump || hash != Group.MetadataHash)", "if (mustBump)"),
    ];

    public static TheoryData<string> Names => [.. Mutants.Select(mutant => mutant.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bug_in_the_shard_is_caught(string name)
    {
        var shard = new MutantProject("KafkaCompatBroker.Coordination", Mutants.Single(mutant => mutant.Name == name));
        var violation = shard.FirstViolation(typeof(GroupSimulator), 0, Seeds);
        shard.Unload();
        output.WriteLine(violation?.Split('\n')[0] ?? "not caught");
        Assert.NotNull(violation);
    }
}
