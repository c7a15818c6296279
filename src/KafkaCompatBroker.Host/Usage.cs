namespace KafkaCompatBroker.Host;

/// <summary>What --help prints.</summary>
internal static class Usage
{
    public const string Text = """
        kafka-broker: a broker that Apache Kafka's clients and tools talk to.

          kafka-broker                      one node on localhost:9092 (clients) and localhost:9093 (controller), data in ./data
          kafka-broker start [FILE] [--override property=value]... [--auto-format]
                                            the node that FILE describes, in Java properties syntax and with Apache Kafka's names;
                                            without FILE the node above. KAFKA_* variables win over FILE, --override over both.
                                            --auto-format formats data directories that are empty.
          kafka-broker storage COMMAND ...  format | info | random-uuid | version-mapping | feature-dependencies
          kafka-broker --version | --help

        SIGTERM and SIGINT shut down in order and exit with 0; a second one exits at once.
        """;
}
