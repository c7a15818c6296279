namespace KafkaCompatBroker.Protocol.Wire;

/// <summary>A message holds a value that its version cannot carry and that may not be dropped: a mistake of the writer.</summary>
public sealed class UnsupportedFieldException(string message) : InvalidOperationException(message)
{
    internal static UnsupportedFieldException NotInVersion(string field, short version) =>
        new($"{field} has a value, but version {version} does not carry it");

    internal static UnsupportedFieldException NullNotInVersion(string field, short version) =>
        new($"{field} is null, but version {version} cannot carry null");
}
