using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Simulation.Groups;

namespace KafkaCompatBroker.Coordination.Tests.Groups;

public sealed class GroupCatalogTests
{
    private readonly GroupRun _run = new();

    [Fact]
    public void Groups_are_listed_in_the_order_of_Kafkas_hash_table_before_and_after_a_reload()
    {
        for (int i = 6; i >= 1; i--) Make($"grp-{i}");
        string[] order = ["grp-2", "grp-4", "grp-1", "grp-6", "grp-3", "grp-5"];
        Assert.Equal(order, _run.List().Select(group => group.GroupId));
        _run.Reload();
        Assert.Equal(order, _run.List().Select(group => group.GroupId));
    }

    [Fact]
    public void Filters_by_state_take_any_case()
    {
        Make("g");
        Assert.Single(_run.List("eMPTY", "Nonsense"));
        Assert.Empty(_run.List("Stable"));
    }

    [Fact]
    public void A_group_that_is_missing_is_dead_and_from_version_six_on_an_error()
    {
        Assert.Equal(("Dead", ErrorCode.None), (_run.Describe("g", version: 5).GroupState, _run.Describe("g", version: 5).ErrorCode));
        Assert.Equal(("Dead", ErrorCode.GroupIdNotFound), (_run.Describe("g").GroupState, _run.Describe("g").ErrorCode));
    }

    private void Make(string groupId) => _run.Commit(new OffsetCommitRequest
    {
        GroupId = groupId,
        GenerationIdOrMemberEpoch = -1,
        Topics = [new() { Name = "t", Partitions = [new() { CommittedOffset = 1 }] }],
    });
}
