namespace KafkaCompatBroker.LoadGenerator;

internal static class Program
{
    private const string Usage = """
        load-generator VERB --bootstrap HOST:PORT [options]; prints one JSON line
          topic    --topic T [--partitions N] [--replicas 1,2,3] [--config key=value]...   creates a topic and waits for its leaders and replicas
          delete   --topic T
          topics   --topic PREFIX [--topics N] [--per-request R] [--first F] [--partitions N]   creates topics, one request after another
          led      [--topics N]                                         how long until so many topics are named and have leaders
          produce  --topic T [--partitions N] [--connections C] [--depth D] [--batch-records R] [--record-bytes B] [--acks A] [--codec gzip|snappy|lz4|zstd] [--idempotent]
          ping     [--connections C] [--depth D]                        ApiVersions round trips
          fetch    --topic T [--partitions N] [--connections C] [--max-bytes B] [--verify]   from offset 0, again and again
          tail     --topic T [--rate R] [--record-bytes B]              produce to consume, open loop
          idle     [--connections C] [--hold-pid P]                     memory of idle connections
          commit   --topic T [--partitions N] [--connections C] [--depth D]   offset commits, a new group each with one in flight
          loaded   --group G                                            how long until the coordinator answers
          rebalance  --group G [--members M]                            a group forms, then takes in one more
          heartbeat  --group G [--members M]                            members in groups of 20 that beat every 3 s
          transactions  --topic T [--partitions N] [--connections PRODUCERS]   one record a transaction, version 2
        common: --seconds S (5)  --warmup S (2)  --bytes TOTAL (ends earlier)  --pid BROKER_PID (measures its CPU)...
        """;

    private static int Main(string[] arguments)
    {
        // Callbacks on the epoll thread itself: the generator must not be the slower side.
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        if (arguments.Length == 0 || arguments[0] is "--help" or "-h")
        {
            Console.WriteLine(Usage);
            return arguments.Length == 0 ? 2 : 0;
        }
        try
        {
            var options = LoadOptions.Parse(arguments[1..]);
            LoadResult result = arguments[0] switch
            {
                "topic" => TopicSetup.Create(options),
                "delete" => TopicSetup.Delete(options),
                "topics" => TopicLoad.Create(options),
                "led" => TopicLoad.AwaitAll(options),
                "produce" => Load.Run(options, (client, index) => new ProduceConnection(client, options, index)),
                "ping" => Load.Run(options, (client, index) => new PingConnection(client, options, index)),
                "fetch" => Load.Run(options, (client, index) => new FetchConnection(client, options, index)),
                "tail" => TailLoad.Run(options),
                "idle" => IdleLoad.Run(options),
                "commit" => CommitLoad(options),
                "loaded" => Coordinators.AwaitLoaded(options),
                "rebalance" => RebalanceLoad.Run(options),
                "heartbeat" => HeartbeatLoad.Run(options),
                "transactions" => TransactionLoad.Run(options),
                _ => throw new ArgumentException($"unknown verb {arguments[0]}"),
            };
            Console.WriteLine(result.ToJson(arguments[0]));
            return result.Errors == 0 ? 0 : 1;
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or System.Net.Sockets.SocketException)
        {
            Console.Error.WriteLine(exception.Message);
            return 2;
        }
    }

    private static LoadResult CommitLoad(LoadOptions options)
    {
        using (var client = new WireClient(options.Bootstrap)) Coordinators.Find(client, options.GroupName, Coordinators.Group);
        return Load.Run(options, (client, index) => new CommitConnection(client, options, index));
    }
}
