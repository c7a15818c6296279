using KafkaCompatBroker.Coordination.Groups.Classic;
using KafkaCompatBroker.Coordination.Groups.Offsets;
using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>DescribeGroups, ListGroups and DeleteGroups.</summary>
internal sealed class GroupCatalog
{
    /// <summary>From this version on a group that does not exist is an error (KIP-1043).</summary>
    private const short FirstDescribeVersionWithNotFound = 6;

    /// <summary>So many tombstones surely fit into one batch; a group with more offsets is deleted by a deadline, whose records may be several batches.</summary>
    private const int MaxOffsetsDeletedAtOnce = 1_000;

    private readonly GroupTable _table;
    private readonly OffsetTable _offsets;
    private readonly OffsetRetention _retention;
    private readonly List<Deletion> _deletions = [];
    private readonly Deadline _deletionDue;

    public GroupCatalog(GroupTable table, OffsetTable offsets, OffsetRetention retention)
    {
        (_table, _offsets, _retention) = (table, offsets, retention);
        _deletionDue = table.Deadlines.Make(DeleteWaiting);
    }

    public void Describe(ShardStep step, GroupClient client, string groupId, Reply<DescribeGroupsResponse.DescribedGroup> reply)
    {
        if (_table.TryFind(groupId, out Group? group) && group is ClassicGroup classic)
        {
            step.Answer(reply, classic.Describe());
            return;
        }

        var answer = new DescribeGroupsResponse.DescribedGroup { GroupId = groupId, GroupState = "Dead" };
        if (client.ApiVersion >= FirstDescribeVersionWithNotFound)
        {
            answer.ErrorCode = ErrorCode.GroupIdNotFound;
            answer.ErrorMessage = group is null ? $"Group {groupId} not found." : $"Group {groupId} is not a classic group.";
        }

        step.Answer(reply, answer);
    }

    public void List(ShardStep step, ListGroupsRequest request, Reply<ListGroupsResponse> reply)
    {
        HashSet<string> states = request.StatesFilter.ToHashSet(StringComparer.OrdinalIgnoreCase);
        HashSet<string> types = request.TypesFilter.ToHashSet(StringComparer.OrdinalIgnoreCase);
        step.Answer(reply, new ListGroupsResponse
        {
            Groups = [.. _table.Groups
                .Where(group => (states.Count == 0 || states.Contains(group.StateName)) && (types.Count == 0 || types.Contains(TypeName(group))))
                .OrderBy(group => KafkaOrder(group.GroupId))
                .Select(group => new ListGroupsResponse.ListedGroup
                {
                    GroupId = group.GroupId,
                    ProtocolType = group.ProtocolType,
                    GroupState = group.StateName,
                    GroupType = TypeName(group),
                })],
        });
    }

    public void Delete(ShardStep step, string groupId, Reply<DeleteGroupsResponse.DeletableGroupResult> reply)
    {
        if (_offsets.Of(groupId)?.Count > MaxOffsetsDeletedAtOnce)
        {
            _deletions.Add(new Deletion(groupId, reply));
            _deletionDue.Set(step.NowMs);
        }
        else
        {
            step.Answer(reply, Delete(step, groupId));
        }
    }

    /// <summary>Answers everybody who waits.</summary>
    public void Unload(ShardStep step)
    {
        foreach (Deletion deletion in _deletions) step.Answer(deletion.Reply, Result(deletion.GroupId, ErrorCode.NotCoordinator));
        _deletions.Clear();
    }

    /// <summary>Kafka lists groups in the order of its hash table; the same order here, so that listings look alike.</summary>
    private static ulong KafkaOrder(string groupId) => unchecked((ulong)JavaHash.Of(groupId) * 0x9E37_79B9_7F4A_7C15);

    private static string TypeName(Group group) => group.Kind switch
    {
        GroupKind.Classic => "classic",
        GroupKind.Consumer => "consumer",
        GroupKind.Share => "share",
        _ => "streams",
    };

    private static DeleteGroupsResponse.DeletableGroupResult Result(string groupId, ErrorCode error) => new() { GroupId = groupId, ErrorCode = error };

    private DeleteGroupsResponse.DeletableGroupResult Delete(ShardStep step, string groupId)
    {
        if (!_table.TryFind(groupId, out Group? group)) return Result(groupId, ErrorCode.GroupIdNotFound);
        ErrorCode error = group.CheckDelete();
        if (error != ErrorCode.None) return Result(groupId, error);
        _retention.DeleteAll(step, groupId);
        group.WriteTombstones(step);
        return Result(groupId, ErrorCode.None);
    }

    private void DeleteWaiting(ShardStep step)
    {
        foreach (Deletion deletion in _deletions.DistinctBy(deletion => deletion.GroupId)) step.Answer(deletion.Reply, Delete(step, deletion.GroupId));
        foreach (Deletion repeated in _deletions.Where(deletion => deletion.Reply.Response is null)) step.Answer(repeated.Reply, Result(repeated.GroupId, ErrorCode.GroupIdNotFound));
        _deletions.Clear();
    }

    private sealed record Deletion(string GroupId, Reply<DeleteGroupsResponse.DeletableGroupResult> Reply);
}
