using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>The follower's end of a fetch session (KIP-227): which id and epoch the next request has.</summary>
internal sealed class FollowerSession
{
    private const int None = 0;
    private const int OpenEpoch = 0;

    public int Id { get; private set; }

    public int Epoch { get; private set; }

    /// <summary>Whether the next request names all partitions.</summary>
    public bool IsFull => Epoch == OpenEpoch;

    /// <summary>Takes over what an answer without error says.</summary>
    public void Answered(int sessionId)
    {
        Id = sessionId;
        Epoch = sessionId == None ? OpenEpoch : Epoch == int.MaxValue ? 1 : Epoch + 1;
    }

    /// <summary>The leader refused the session; a new one is opened, in the place of the old one if that is left.</summary>
    public void Refused(ErrorCode error)
    {
        if (error == ErrorCode.FetchSessionIdNotFound)
            Id = None;
        Epoch = OpenEpoch;
    }

    /// <summary>No answer came: nobody knows what the leader remembers.</summary>
    public void Lost() => Epoch = OpenEpoch;
}
