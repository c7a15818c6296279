namespace KafkaCompatBroker.Protocol.Wire;

/// <summary>The bytes are not a message: the only exception a decoder throws. The connection that sent them is closed.</summary>
public sealed class WireFormatException(string message) : Exception(message)
{
    internal static WireFormatException Null(string message, string field) => new($"{message}: {field} is null");
}
