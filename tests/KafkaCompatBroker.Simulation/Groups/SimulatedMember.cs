using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Simulation.Groups;

/// <summary>A member as a client library behaves: it gives up what it is told to before it says so, takes what it is given, and starts anew when it is fenced. Answers may get lost.</summary>
internal sealed class SimulatedMember(string memberId, string? instanceId, Random random)
{
    private bool _mustSayEverything = true;

    public string MemberId { get; private set; } = memberId;

    public string? InstanceId { get; } = instanceId;

    public int Epoch { get; private set; }

    public string[] Topics { get; set; } = [];

    public string? Regex { get; set; }

    /// <summary>What it reads.</summary>
    public HashSet<(Uuid Topic, int Partition)> Owned { get; private set; } = [];

    /// <summary>What it was told to read, when it has not done that yet.</summary>
    public HashSet<(Uuid Topic, int Partition)>? Assigned { get; private set; }

    public ErrorCode LastError { get; private set; }

    public ConsumerGroupHeartbeatRequest Beat()
    {
        bool isJoining = Epoch == 0;
        bool isFull = isJoining || _mustSayEverything;
        return new ConsumerGroupHeartbeatRequest
        {
            GroupId = "g", MemberId = MemberId, MemberEpoch = Epoch, InstanceId = InstanceId,
            RebalanceTimeoutMs = isFull ? 30_000 : -1,
            SubscribedTopicNames = isFull && Regex is null ? Topics : null,
            SubscribedTopicRegex = isFull && Regex is not null ? Regex : null,
            TopicPartitions = isJoining ? [] : isFull || random.Next(2) == 0 ? OwnedByTopic() : null,
        };
    }

    /// <summary>Changes the subscription, which the next heartbeat says.</summary>
    public void Subscribe(string[] topics, string? regex) => (Topics, Regex, _mustSayEverything) = (topics, regex, true);

    /// <summary>An answer did not come: what an earlier one gave may be another's by now, so it asks again for everything first.</summary>
    public void Lost() => (_mustSayEverything, Assigned) = (true, null);

    public void Heard(ConsumerGroupHeartbeatResponse response)
    {
        LastError = response.ErrorCode;
        switch (response.ErrorCode)
        {
            case ErrorCode.None:
                if (response.MemberEpoch < Epoch) throw new InvalidOperationException($"the epoch of {MemberId} went back from {Epoch} to {response.MemberEpoch}");
                Epoch = response.MemberEpoch;
                _mustSayEverything = false;
                if (response.Assignment is not null)
                    Assigned = [.. response.Assignment.TopicPartitions.SelectMany(static topic => topic.Partitions.Select(partition => (topic.TopicId, partition)))];
                break;
            case ErrorCode.FencedMemberEpoch or ErrorCode.UnknownMemberId or ErrorCode.GroupIdNotFound:
                Restart();
                break;
        }
    }

    /// <summary>Gives up, then takes, what the last answer said.</summary>
    public void Reconcile()
    {
        if (Assigned is null) return;
        Owned = Assigned;
        Assigned = null;
        _mustSayEverything = true;
    }

    public void GiveUp()
    {
        if (Assigned is not null) Owned = [.. Owned.Where(Assigned.Contains)];
    }

    public void Restart(string? memberId = null)
    {
        MemberId = memberId ?? MemberId;
        (Epoch, _mustSayEverything, Assigned) = (0, true, null);
        Owned = [];
    }

    private ConsumerGroupHeartbeatRequest.TopicPartitionsData[] OwnedByTopic()
    {
        if (Owned.Count == 0) return [];
        return [.. Owned.GroupBy(static each => each.Topic).Select(static topic => new ConsumerGroupHeartbeatRequest.TopicPartitionsData
        {
            TopicId = topic.Key, Partitions = [.. topic.Select(static each => each.Partition)],
        })];
    }
}
