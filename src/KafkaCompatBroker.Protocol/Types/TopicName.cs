using System.Buffers;

namespace KafkaCompatBroker.Protocol.Types;

/// <summary>Rules for names of topics.</summary>
public static class TopicName
{
    /// <summary>Longest name in characters: with the partition and a suffix it must fit a file name.</summary>
    public const int LengthMax = 249;

    public const string GroupMetadata = "__consumer_offsets";

    public const string TransactionState = "__transaction_state";

    public const string ShareGroupState = "__share_group_state";

    public const string ClusterMetadata = "__cluster_metadata";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>What is wrong with a name, as sent to clients with INVALID_TOPIC_EXCEPTION; null for a valid name.</summary>
    public static string? FindProblem(string name)
    {
        const string Invalid = "Topic name is invalid: ";
        if (name.Length == 0)
        {
            return Invalid + "the empty string is not allowed";
        }

        if (name is "." or "..")
        {
            return $"{Invalid}'{name}' is not allowed";
        }

        if (name.Length > LengthMax)
        {
            return $"{Invalid}the length of '{name}' is longer than the max allowed length {LengthMax}";
        }

        return name.AsSpan().ContainsAnyExcept(Allowed)
            ? $"{Invalid}'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
            : null;
    }

    public static bool IsValid(string name) => FindProblem(name) is null;

    /// <summary>Topics that only coordinators write to.</summary>
    public static bool IsInternal(string name) => name is GroupMetadata or TransactionState or ShareGroupState;

    /// <summary>Whether a name has a character for which names of metrics have only one: '.' and '_'.</summary>
    public static bool HasCollisionCharacters(string name) => name.AsSpan().ContainsAny('.', '_');

    /// <summary>Whether two names would give the same names of metrics.</summary>
    public static bool Collide(string left, string right) => CollisionKey(left) == CollisionKey(right);

    /// <summary>The form of a name that two colliding names share.</summary>
    public static string CollisionKey(string name) => name.Replace('.', '_');
}
