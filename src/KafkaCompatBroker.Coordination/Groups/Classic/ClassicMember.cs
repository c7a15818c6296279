using KafkaCompatBroker.Coordination.Shards;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>One member of a classic group. Who waits and the session are lost in a crash.</summary>
internal sealed class ClassicMember(string memberId, string? instanceId, string clientId, string clientHost)
{
    public string MemberId { get; } = memberId;

    /// <summary>Null unless the member is static.</summary>
    public string? InstanceId { get; } = instanceId;

    public string ClientId { get; } = clientId;

    public string ClientHost { get; } = clientHost;

    public bool IsStatic => InstanceId is not null;

    public int RebalanceTimeoutMs { get; set; }

    public int SessionTimeoutMs { get; set; }

    /// <summary>What it offers, the most liked first. Changed through <see cref="ClassicMembers"/>, which counts the votes.</summary>
    public IReadOnlyList<ClassicProtocol> Protocols { get; internal set; } = [];

    /// <summary>What the leader assigned to it in the last generation.</summary>
    public byte[] Assignment { get; set; } = [];

    /// <summary>Its JoinGroup that waits for the others. Changed through <see cref="ClassicMembers"/>.</summary>
    public JoinWait? Join { get; internal set; }

    /// <summary>Its SyncGroup that waits for the leader's.</summary>
    public Reply<SyncGroupResponse>? Sync { get; set; }

    /// <summary>True until its first join has been answered: it cannot send heartbeats yet, so a wait does not count as one.</summary>
    public bool IsNew { get; set; }

    /// <summary>When it is taken for dead.</summary>
    public Deadline? Session { get; set; }

    /// <summary>A member whose request waits here is alive.</summary>
    public bool IsHeard => !IsNew && (Join is not null || Sync is not null);

    public byte[] MetadataFor(string? protocolName)
    {
        foreach (ClassicProtocol protocol in Protocols)
        {
            if (protocol.Name == protocolName) return protocol.Metadata;
        }

        return [];
    }

    /// <summary>A JoinGroup that waits, and the version its answer is for.</summary>
    internal readonly record struct JoinWait(Reply<JoinGroupResponse> Reply, short ApiVersion);
}
