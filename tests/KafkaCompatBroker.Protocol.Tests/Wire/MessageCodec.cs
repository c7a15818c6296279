using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

/// <summary>Reads and writes a message whose class is only known by name.</summary>
public sealed class MessageCodec
{
    private static readonly Dictionary<string, MessageCodec> ByName = typeof(ApiKey).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IMessage)))
        .Select(type => (MessageCodec)typeof(MessageCodec).GetMethod(nameof(Create))!.MakeGenericMethod(type).Invoke(null, null)!)
        .ToDictionary(codec => codec.Type.Name);

    private readonly ReadMessage _read;

    private MessageCodec(Type type, short lowestVersion, short highestVersion, ReadMessage read)
    {
        Type = type;
        LowestVersion = lowestVersion;
        HighestVersion = highestVersion;
        _read = read;
    }

    private delegate IMessage ReadMessage(ref WireReader reader, short version);

    public static IEnumerable<MessageCodec> All => ByName.Values;

    public Type Type { get; }

    public short LowestVersion { get; }

    public short HighestVersion { get; }

    public static MessageCodec For(string className) => ByName[className];

    public static MessageCodec Create<T>()
        where T : IMessage<T> =>
        new(typeof(T), T.LowestVersion, T.HighestVersion, static (ref WireReader reader, short version) => T.Read(ref reader, version));

    public static byte[] Write(IMessage message, short version)
    {
        using var buffer = new WireBuffer();
        message.Write(buffer, version);
        return buffer.ToArray();
    }

    public IMessage Read(ReadOnlyMemory<byte> bytes, short version) => Read(bytes, version, out _);

    public IMessage Read(ReadOnlyMemory<byte> bytes, short version, out int remaining)
    {
        var reader = new WireReader(bytes);
        IMessage message = _read(ref reader, version);
        remaining = reader.Remaining;
        return message;
    }
}
