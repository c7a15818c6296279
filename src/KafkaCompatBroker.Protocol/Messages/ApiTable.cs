namespace KafkaCompatBroker.Protocol.Messages;

/// <summary>All APIs of the protocol and the versions of their headers.</summary>
public static class ApiTable
{
    /// <summary>Every API that has messages, by key.</summary>
    public static IReadOnlyList<ApiInfo> All { get; } = [.. ApiTableEntries.ByKey.OfType<ApiInfo>()];

    /// <summary>The API of this key; null for a key that is unknown or was removed.</summary>
    public static ApiInfo? Find(ApiKey key) => (uint)key < (uint)ApiTableEntries.ByKey.Length ? ApiTableEntries.ByKey[(int)key] : null;

    /// <summary>Version of the request header: 2 has tagged fields, 1 has a client id. Unknown APIs have 1.</summary>
    public static short RequestHeaderVersion(ApiKey key, short version) => IsFlexible(key, version) ? (short)2 : (short)1;

    /// <summary>Version of the response header: 1 has tagged fields.</summary>
    public static short ResponseHeaderVersion(ApiKey key, short version)
    {
        // KIP-511: a client that asks with a version the broker lacks must still be able to read the answer.
        return key != ApiKey.ApiVersions && IsFlexible(key, version) ? (short)1 : (short)0;
    }

    private static bool IsFlexible(ApiKey key, short version) => Find(key) is { } api && version >= api.FirstFlexibleVersion;
}
