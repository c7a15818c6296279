using System.Diagnostics;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Waits until coordinators serve: their topics are created by the first who asks, and loaded after a start.</summary>
internal static class Coordinators
{
    public const sbyte Group = 0;
    public const sbyte Transaction = 1;
    private const short FindVersion = 3;
    private const short FetchVersion = 5;
    private const int PollMs = 2;

    /// <summary>Makes sure that a key has a coordinator.</summary>
    public static void Find(WireClient client, string key, sbyte kind)
    {
        while (client.Ask<FindCoordinatorRequest, FindCoordinatorResponse>(
            new FindCoordinatorRequest { Key = key, KeyType = kind }, FindVersion).ErrorCode != ErrorCode.None)
        {
            Thread.Sleep(PollMs);
        }

        // A coordinator is named before it serves.
        if (kind == Group) AwaitOffsets(client, key);
    }

    /// <summary>How long it takes from now until a group's offsets can be read: the time that a coordinator loads.</summary>
    public static LoadResult AwaitLoaded(LoadOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        using var client = new WireClient(options.Bootstrap);
        Find(client, options.GroupName, Group);
        var result = new LoadResult();
        result.Extra["loadedMs"] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return result;
    }

    private static void AwaitOffsets(WireClient client, string group)
    {
        while (true)
        {
            OffsetFetchResponse answer = client.Ask<OffsetFetchRequest, OffsetFetchResponse>(
                new OffsetFetchRequest { GroupId = group, Topics = null }, FetchVersion);
            if (answer.ErrorCode == ErrorCode.None) return;
            if (answer.ErrorCode is not (ErrorCode.CoordinatorLoadInProgress or ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable))
                throw new IOException($"offsets cannot be read: {answer.ErrorCode}");
            Thread.Sleep(PollMs);
        }
    }
}
