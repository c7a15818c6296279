using System.Globalization;
using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Shards;

namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>What the consumer groups of a shard have in common. Nothing of it survives a crash.</summary>
internal sealed class ConsumerGroupContext
{
    private readonly Dictionary<string, Deadline> _resolutions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _fenced = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IGroupAssignor> _assignors = new IGroupAssignor[] { new UniformAssignor(), new RangeAssignor() }.ToDictionary(static assignor => assignor.Name);

    private ShardStep? _fencing;

    public ConsumerGroupContext(GroupTable table)
    {
        Table = table;
        Timers = new MemberTimers(table.Deadlines, Fence, (groupId, memberId, epoch) => Find(groupId)?.Member(memberId)?.Epoch == epoch);
    }

    public GroupTable Table { get; }

    public MemberTimers Timers { get; }

    public TopicHashes Hashes { get; } = new();

    public TopicPatterns Patterns { get; } = new();

    /// <summary>Offset of the last metadata that brought a topic, as far as this shard knows: regular expressions that were resolved before have to be resolved again.</summary>
    public long NewTopicsOffset { get; private set; } = long.MaxValue;

    /// <summary>Names of the assignors that members may ask for, the default first.</summary>
    public IEnumerable<string> AssignorNames => Table.Settings.ConsumerAssignors.Where(_assignors.ContainsKey);

    public string DefaultAssignor => AssignorNames.FirstOrDefault(UniformAssignor.AssignorName);

    public IGroupAssignor Assignor(string name) => _assignors[name];

    /// <summary>The consumer group, or null when there is none of that name.</summary>
    public ConsumerGroup? Find(string groupId) => Table.TryFind(groupId, out Group? group) ? group as ConsumerGroup : null;

    /// <summary>How long a member may be silent.</summary>
    public int SessionTimeoutMs(string groupId, ConsumerMember? member = null) => member?.Classic?.SessionTimeoutMs ??
        Config(groupId, "consumer.session.timeout.ms", Table.Settings.ConsumerSessionTimeoutMs, Table.Settings.ConsumerMinSessionTimeoutMs, Table.Settings.ConsumerMaxSessionTimeoutMs);

    /// <summary>How often members should send heartbeats.</summary>
    public int HeartbeatIntervalMs(string groupId) =>
        Config(groupId, "consumer.heartbeat.interval.ms", Table.Settings.ConsumerHeartbeatIntervalMs, Table.Settings.ConsumerMinHeartbeatIntervalMs, Table.Settings.ConsumerMaxHeartbeatIntervalMs);

    /// <summary>Least time between two target assignments (KIP-1263).</summary>
    public int AssignmentIntervalMs(string groupId) =>
        Config(groupId, "consumer.assignment.interval.ms", Table.Settings.ConsumerAssignmentIntervalMs, Table.Settings.ConsumerMinAssignmentIntervalMs, Table.Settings.ConsumerMaxAssignmentIntervalMs);

    /// <summary>The shard has read its log.</summary>
    public void Loaded() => NewTopicsOffset = Table.Image.Offset;

    /// <summary>The cluster changes; called before the groups hear of it.</summary>
    public void MetadataChanging(MetadataImage before, MetadataImage after, MetadataChanges changes)
    {
        Hashes.Clear();
        if (changes.ChangedTopics.Any(id => before.Topic(id) is null)) NewTopicsOffset = after.Offset;
    }

    public bool IsResolving(string groupId) => _resolutions.ContainsKey(groupId);

    /// <summary>Resolves the expressions of a group in a step of its own, after the records of this one have been applied.</summary>
    public void ResolveSoon(ShardStep step, string groupId)
    {
        Deadline deadline = Table.Deadlines.Make(later =>
        {
            _resolutions.Remove(groupId);
            RegexResolution.Run(this, later, groupId);
        });
        _resolutions.Add(groupId, deadline);
        deadline.Set(step.NowMs);
    }

    public void CancelResolution(string groupId)
    {
        if (_resolutions.Remove(groupId, out Deadline? deadline)) deadline.Cancel();
    }

    /// <summary>Removes all members of the group that are due in this step together: what one removal decides, the next one would not see yet.</summary>
    private void Fence(ShardStep step, string groupId, string memberId)
    {
        if (Find(groupId) is not { } group || group.Member(memberId) is null)
        {
            Timers.Cancel(groupId, memberId);
            return;
        }

        if (!ReferenceEquals(_fencing, step)) _fenced.Clear();
        _fencing = step;
        if (!_fenced.Add(groupId)) return;
        MemberRemoval.Fence(this, step, group, [.. group.Members.Values.Where(member => member.MemberId == memberId || Timers.IsOverdue(groupId, member, step.NowMs))]);
    }

    // The broker's bounds may have changed after a group's property was set: then the nearest value counts (KIP-1240).
    private int Config(string groupId, string name, int broker, int least, int most) =>
        Table.Image.ConfigsOf(new ConfigResource(ConfigResourceType.Group, groupId)).TryGetValue(name, out string? text) &&
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value)
            ? int.Clamp(value, least, int.Max(least, most))
            : broker;
}
