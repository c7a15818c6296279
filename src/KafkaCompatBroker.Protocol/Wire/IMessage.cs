using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Protocol.Wire;

/// <summary>A message of the protocol, of any kind.</summary>
public interface IMessage
{
    /// <summary>Bytes that <see cref="Write"/> makes in this version.</summary>
    int Size(short version);

    /// <summary>Appends the message in this version.</summary>
    /// <exception cref="UnsupportedFieldException">A field holds what the version cannot carry.</exception>
    void Write(WireBuffer buffer, short version);
}

/// <summary>A message that can be read.</summary>
public interface IMessage<TSelf> : IMessage
    where TSelf : IMessage<TSelf>
{
    static abstract short LowestVersion { get; }

    static abstract short HighestVersion { get; }

    /// <summary>Reads one message. Its bytes and records are slices of the reader's memory, not copies.</summary>
    /// <exception cref="WireFormatException">The bytes are not such a message.</exception>
    static abstract TSelf Read(ref WireReader reader, short version);
}

/// <summary>A request: it knows its API.</summary>
public interface IRequest<TSelf> : IMessage<TSelf>
    where TSelf : IRequest<TSelf>
{
    static abstract ApiKey ApiKey { get; }
}

/// <summary>A response that says how long its client is throttled (KIP-13, KIP-219).</summary>
public interface IThrottledResponse : IMessage
{
    /// <summary>For how many milliseconds the broker reads nothing more from the connection; left out where the version lacks it.</summary>
    int ThrottleTimeMs { get; set; }
}
