namespace KafkaCompatBroker.Protocol.Wire;

/// <summary>Checks that generated code makes before it reads or writes a version.</summary>
internal static class WireVersion
{
    public static void CheckRead(short version, short lowest, short highest)
    {
        if (version < lowest || version > highest)
        {
            throw new WireFormatException($"version {version} is outside {lowest}-{highest}");
        }
    }

    public static void CheckWrite(short version, short lowest, short highest)
    {
        if (version < lowest || version > highest)
        {
            throw new ArgumentOutOfRangeException(nameof(version), version, $"outside {lowest}-{highest}");
        }
    }
}
