using System.Diagnostics;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Many topics: creates them one request after another, and asks for all of them at once.</summary>
internal static class TopicLoad
{
    private const short CreateVersion = 5;
    private const short MetadataVersion = 9;
    private const int TimeoutMs = 60_000;

    /// <summary>Creates <c>--topics</c> topics, <c>--per-request</c> of them in a request; also says what they cost the broker in memory.</summary>
    public static LoadResult Create(LoadOptions options)
    {
        using var client = new WireClient(options.Bootstrap);
        var latency = new LatencyHistogram();
        (long created, long requests, long failed) = (0, 0, 0);
        string firstError = "";
        double residentKib = options.BrokerPid is { } pid ? IdleLoad.ResidentKib(pid) : 0;
        double cpuMs = options.BrokerPid is { } before ? ProcessCpu.Ms(before) : 0;
        long start = Stopwatch.GetTimestamp();
        for (int at = options.FirstTopic; at < options.FirstTopic + options.Topics && !Ends(); at += options.PerRequest)
        {
            int count = Math.Min(options.PerRequest, options.FirstTopic + options.Topics - at);
            var request = new CreateTopicsRequest
            {
                TimeoutMs = TimeoutMs,
                Topics = [.. Enumerable.Range(at, count).Select(number => new CreateTopicsRequest.CreatableTopic
                {
                    Name = $"{options.Topic}-{number:d7}",
                    NumPartitions = options.Partitions,
                    ReplicationFactor = 1,
                    Configs = [.. options.Configs.Select(TopicSetup.Config)],
                })],
            };
            long sent = Stopwatch.GetTimestamp();
            CreateTopicsResponse answer = client.Ask<CreateTopicsRequest, CreateTopicsResponse>(request, CreateVersion);
            latency.Record(Stopwatch.GetTimestamp() - sent);
            requests++;
            foreach (CreateTopicsResponse.CreatableTopicResult topic in answer.Topics)
            {
                if (topic.ErrorCode == ErrorCode.None)
                {
                    created++;
                    continue;
                }

                failed++;
                if (firstError.Length == 0) firstError = $"{topic.Name}: {topic.ErrorCode} {topic.ErrorMessage}";
            }
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var result = new LoadResult
        {
            Seconds = seconds,
            Requests = requests,
            Records = created,
            Errors = failed,
            FirstError = firstError,
            Latency = latency,
            BrokerCpuMs = options.BrokerPid is { } after ? ProcessCpu.Ms(after) - cpuMs : null,
        };
        result.Extra["topicsPerSecond"] = created / seconds;
        if (options.BrokerPid is { } again)
        {
            result.Extra["residentKib"] = IdleLoad.ResidentKib(again);
            result.Extra["kibPerPartition"] = (IdleLoad.ResidentKib(again) - residentKib) / Math.Max(1, created * options.Partitions);
        }

        return result;

        bool Ends() => Stopwatch.GetElapsedTime(start).TotalSeconds >= options.Seconds;
    }

    /// <summary>Asks for every topic until at least <c>--topics</c> are there and all partitions have a leader; says how long that took and the last answer alone.</summary>
    public static LoadResult AwaitAll(LoadOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        string last = "";
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds)
        {
            try
            {
                using var client = new WireClient(options.Bootstrap);
                long asked = Stopwatch.GetTimestamp();
                MetadataResponse metadata = client.Ask<MetadataRequest, MetadataResponse>(new MetadataRequest { Topics = null }, MetadataVersion);
                double answerMs = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
                int led = metadata.Topics.Count(static topic => topic.Partitions.All(static partition => partition.LeaderId >= 0));
                last = $"{metadata.Topics.Length} topics, {led} led";
                if (metadata.Topics.Length >= options.Topics && led == metadata.Topics.Length)
                {
                    var result = new LoadResult { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, Requests = 1, Records = led };
                    result.Extra["loadedMs"] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                    result.Extra["answerMs"] = answerMs;
                    if (options.BrokerPid is { } pid) result.Extra["residentKib"] = IdleLoad.ResidentKib(pid);
                    return result;
                }
            }
            catch (Exception cause) when (cause is IOException or System.Net.Sockets.SocketException)
            {
                last = cause.Message;
            }

            Thread.Sleep(10);
        }

        return new LoadResult { Errors = 1, FirstError = last };
    }
}
