using KafkaCompatBroker.Coordination.Quotas;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>
/// The controller: turns commands into records, on the state that committed records made. Pure and single-threaded; the
/// shell makes sure that a decision's records are applied before the next command is decided.
/// </summary>
public sealed class MetadataController : IStateMachine
{
    private readonly ControllerSettings _settings;
    private readonly Func<Uuid> _newTopicId;

    private readonly CollidingNames _names = new();

    // When each broker was last heard of. Not in the log: a new controller gives every broker a fresh session.
    private readonly Dictionary<int, long> _lastHeardMs = [];

    /// <param name="settings">This node's settings.</param>
    /// <param name="newTopicId">Makes random topic ids; never a reserved one.</param>
    public MetadataController(ControllerSettings settings, Func<Uuid> newTopicId)
    {
        _settings = settings;
        _newTopicId = newTopicId;
    }

    /// <summary>The state after the last record applied.</summary>
    public MetadataImage Image { get; private set; } = MetadataImage.Empty;

    private ControllerContext Context => new(Image, _settings, _newTopicId, _names);

    /// <inheritdoc/>
    public void Apply(IMessage record) => Apply([record], Image.Offset + 1, Image.Epoch);

    /// <summary>Applies committed records together.</summary>
    /// <param name="records">Records in order.</param>
    /// <param name="offset">Offset of the last one.</param>
    /// <param name="epoch">Leader epoch of the last one.</param>
    /// <returns>What changed.</returns>
    public MetadataChanges Apply(IReadOnlyList<IMessage> records, long offset, int epoch)
    {
        var delta = new MetadataDelta(Image);
        foreach (IMessage record in records) delta.Apply(record);
        Show(delta.ToImage(offset, epoch), delta.Changes);
        return delta.Changes;
    }

    /// <summary>Takes the contents of a snapshot for everything before.</summary>
    /// <param name="records">The state as records.</param>
    /// <param name="offset">Offset of the last record that the snapshot replaces.</param>
    /// <param name="epoch">Leader epoch of that record.</param>
    /// <returns>What may have changed.</returns>
    public MetadataChanges Load(IEnumerable<IMessage> records, long offset, int epoch)
    {
        (MetadataImage image, MetadataChanges changes) = SnapshotImage.Of(records, offset, epoch, Image);
        Show(image, changes);
        return changes;
    }

    /// <summary>A controller that has just become active knows no sessions: every broker gets a fresh one.</summary>
    public void ForgetSessions() => _lastHeardMs.Clear();

    /// <summary>What a controller writes when it becomes active: the features of a new cluster, or what an older one lacks.</summary>
    /// <param name="bootstrap">Records for a cluster that has none yet.</param>
    public IReadOnlyList<IMessage> Activate(IReadOnlyList<IMessage> bootstrap)
    {
        if (Image.MetadataVersion != 0) return Image.HasEligibleLeaderReplicas ? [.. FeaturesCommand.ForEligibleLeaderReplicas(Context)] : [];
        var delta = new MetadataDelta(Image);
        foreach (IMessage record in bootstrap) delta.Apply(record);
        MetadataImage after = delta.ToImage(Image.Offset, Image.Epoch);
        return after.HasEligibleLeaderReplicas
            ? [.. bootstrap, .. FeaturesCommand.ForEligibleLeaderReplicas(Context with { Image = after })]
            : bootstrap;
    }

    /// <summary>Creates topics. Errors are for each topic, INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS and others.</summary>
    /// <param name="request">The topics.</param>
    /// <param name="quota">What the client may still create and delete; null when that is not limited. The same in what follows.</param>
    public Decision<CreateTopicsResponse> CreateTopics(CreateTopicsRequest request, MutationQuota? quota = null) => CreateTopicsCommand.Decide(Context, request, quota);

    /// <summary>Deletes topics by name or id.</summary>
    public Decision<DeleteTopicsResponse> DeleteTopics(DeleteTopicsRequest request, MutationQuota? quota = null) => DeleteTopicsCommand.Decide(Context, request, quota);

    /// <summary>Adds partitions to topics.</summary>
    public Decision<CreatePartitionsResponse> CreatePartitions(CreatePartitionsRequest request, MutationQuota? quota = null) => CreatePartitionsCommand.Decide(Context, request, quota);

    /// <summary>Changes dynamic properties one by one.</summary>
    public Decision<IncrementalAlterConfigsResponse> IncrementalAlterConfigs(IncrementalAlterConfigsRequest request) => AlterConfigsCommand.Decide(Context, request);

    /// <summary>Replaces all dynamic properties of resources.</summary>
    public Decision<AlterConfigsResponse> AlterConfigs(AlterConfigsRequest request) => AlterConfigsCommand.Decide(Context, request);

    /// <summary>Registers a broker at its start, fenced.</summary>
    /// <param name="nextOffset">Offset of the next record; the epoch is made of it.</param>
    public Decision<BrokerRegistrationResponse> RegisterBroker(BrokerRegistrationRequest request, long nextOffset, long nowMs)
    {
        bool isHeard = request.BrokerId != _settings.NodeId && IsHeard(request.BrokerId, nowMs);
        Decision<BrokerRegistrationResponse> decision = BrokerCommands.Register(Context, request, nextOffset, isHeard);
        if (decision.Response.ErrorCode == ErrorCode.None) _lastHeardMs[request.BrokerId] = nowMs;
        return decision;
    }

    /// <summary>Keeps a broker's session, and fences, unfences or shuts it down as it wishes.</summary>
    public Decision<BrokerHeartbeatResponse> BrokerHeartbeat(BrokerHeartbeatRequest request, long nowMs)
    {
        Decision<BrokerHeartbeatResponse> decision = BrokerCommands.Heartbeat(Context, request);
        if (decision.Response.ErrorCode == ErrorCode.None) _lastHeardMs[request.BrokerId] = nowMs;
        return decision;
    }

    /// <summary>Fences one broker whose session has run out, if there is one; call again until nothing is returned.</summary>
    public IReadOnlyList<IMessage> FenceSilentBroker(long nowMs)
    {
        foreach (BrokerImage broker in Image.Brokers.Values)
        {
            if (broker.IsFenced || broker.Id == _settings.NodeId) continue;
            _lastHeardMs.TryAdd(broker.Id, nowMs);
            if (!IsHeard(broker.Id, nowMs)) return [.. BrokerCommands.Fence(Context, broker)];
        }

        return [];
    }

    /// <summary>Forgets a broker. BROKER_ID_NOT_REGISTERED when it is not there.</summary>
    public Decision<UnregisterBrokerResponse> UnregisterBroker(UnregisterBrokerRequest request) => BrokerCommands.Unregister(Context, request);

    /// <summary>Registers a controller node.</summary>
    public Decision<ControllerRegistrationResponse> RegisterController(ControllerRegistrationRequest request) => BrokerCommands.RegisterController(Context, request);

    /// <summary>Forgets a controller that will not come back. CONTROLLER_ID_NOT_REGISTERED when it is not there (KIP-1312).</summary>
    public Decision<UnregisterControllerResponse> UnregisterController(UnregisterControllerRequest request) => BrokerCommands.UnregisterController(Context, request);

    /// <summary>Notes in which log directories a broker keeps its replicas. STALE_BROKER_EPOCH for a broker of an earlier start.</summary>
    public Decision<AssignReplicasToDirsResponse> AssignReplicasToDirs(AssignReplicasToDirsRequest request) => AssignReplicasCommand.Decide(Context, request);

    /// <summary>Changes client quotas, each entity on its own. Whoever asks has looked up which names of hosts nobody knows: they are refused.</summary>
    public Decision<AlterClientQuotasResponse> AlterClientQuotas(AlterClientQuotasRequest request, IReadOnlySet<string> unknownHosts) =>
        ClientQuotasCommand.Decide(Context, request, unknownHosts);

    /// <summary>Changes SCRAM credentials, each user on its own.</summary>
    public Decision<AlterUserScramCredentialsResponse> AlterUserScramCredentials(AlterUserScramCredentialsRequest request) => ScramCommand.Decide(Context, request);

    /// <summary>Gives partitions back to their preferred leaders, some at a time.</summary>
    /// <param name="recordsMax">Most partitions at once.</param>
    public IReadOnlyList<IMessage> BalanceLeaders(int recordsMax) => [.. LeadershipChanges.Balance(Context, recordsMax)];

    /// <summary>Elects unclean leaders where topics allow it, some at a time.</summary>
    /// <param name="recordsMax">Most partitions at once.</param>
    public IReadOnlyList<IMessage> ElectUncleanLeaders(int recordsMax) => [.. LeadershipChanges.ElectUnclean(Context, recordsMax)];

    /// <summary>Gives a broker a block of 1,000 producer ids. STALE_BROKER_EPOCH for a broker of an earlier start.</summary>
    public Decision<AllocateProducerIdsResponse> AllocateProducerIds(AllocateProducerIdsRequest request) => BrokerCommands.AllocateProducerIds(Context, request);

    /// <summary>Changes the in-sync replicas of partitions at their leader's wish.</summary>
    public Decision<AlterPartitionResponse> AlterPartition(AlterPartitionRequest request) => AlterPartitionCommand.Decide(Context, request);

    /// <summary>Elects leaders. ELECTION_NOT_NEEDED where they are right already.</summary>
    public Decision<ElectLeadersResponse> ElectLeaders(ElectLeadersRequest request) => LeaderElectionCommand.Decide(Context, request);

    /// <summary>Moves partitions to other brokers, or cancels that.</summary>
    public Decision<AlterPartitionReassignmentsResponse> AlterPartitionReassignments(AlterPartitionReassignmentsRequest request) =>
        ReassignmentCommand.Decide(Context, request);

    /// <summary>Changes finalized feature levels. kraft.version is only checked: the quorum itself changes it.</summary>
    /// <param name="version">Version of the request.</param>
    /// <param name="kraftVersion">The quorum's present level.</param>
    public Decision<UpdateFeaturesResponse> UpdateFeatures(UpdateFeaturesRequest request, short version, short kraftVersion) =>
        FeaturesCommand.Decide(Context, request, version, kraftVersion);

    private void Show(MetadataImage image, MetadataChanges changes)
    {
        _names.Changed(Image, image, changes);
        Image = image;
    }

    private bool IsHeard(int brokerId, long nowMs) =>
        _lastHeardMs.TryGetValue(brokerId, out long heardMs) && nowMs - heardMs < _settings.SessionTimeoutMs;
}
