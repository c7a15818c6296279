using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Groups.Classic;

/// <summary>The topics that the members of a group with the protocol type "consumer" read, as far as their metadata says so.</summary>
internal static class SubscribedTopics
{
    public const string ConsumerProtocolType = "consumer";

    /// <summary>Topics of all members; null when a member's metadata is not that of a consumer.</summary>
    public static HashSet<string>? Of(IEnumerable<ClassicMember> members, string? protocolName)
    {
        var topics = new HashSet<string>(StringComparer.Ordinal);
        foreach (ClassicMember member in members)
        {
            if (!TryAdd(member.MetadataFor(protocolName), topics)) return null;
        }

        return topics;
    }

    private static bool TryAdd(byte[] metadata, HashSet<string> topics)
    {
        var reader = new WireReader(metadata);
        try
        {
            // Every version begins as version 0 does, and versions that are not known yet will too.
            if (reader.ReadInt16() < 0) return false;
            topics.UnionWith(ConsumerProtocolSubscription.Read(ref reader, 0).Topics);
            return true;
        }
        catch (WireFormatException)
        {
            return false;
        }
    }
}
