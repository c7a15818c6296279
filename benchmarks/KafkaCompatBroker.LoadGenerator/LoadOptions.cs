using System.Globalization;
using System.Net;
using KafkaCompatBroker.Protocol.Records;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>What the command line asks for; every option is <c>--name value</c>.</summary>
internal sealed class LoadOptions
{
    private readonly Dictionary<string, List<string>> _values = [];

    public IPEndPoint Bootstrap => IPEndPoint.Parse(Text("bootstrap", "127.0.0.1:9092").Replace("localhost", "127.0.0.1", StringComparison.Ordinal));

    public string Topic => Text("topic", "load");

    public int Partitions => Number("partitions", 1);

    public int Connections => Number("connections", 1);

    public int Depth => Number("depth", 1);

    public int BatchRecords => Number("batch-records", 1);

    public int RecordBytes => Number("record-bytes", 1024);

    /// <summary>Codec of the batches; their values are text then, which can be compressed.</summary>
    public CompressionType Codec => Enum.Parse<CompressionType>(Text("codec", nameof(CompressionType.None)), ignoreCase: true);

    public int Acks => Number("acks", 1);

    public int MaxBytes => Number("max-bytes", 1024 * 1024);

    public string GroupName => Text("group", "load");

    public int Members => Number("members", 200);

    public int Topics => Number("topics", 1000);

    public int FirstTopic => Number("first", 0);

    public int PerRequest => Number("per-request", 1);

    public int Rate => Number("rate", 1000);

    public double Seconds => double.Parse(Text("seconds", "5"), CultureInfo.InvariantCulture);

    public double WarmupSeconds => double.Parse(Text("warmup", "2"), CultureInfo.InvariantCulture);

    public long BytesTotal => long.Parse(Text("bytes", long.MaxValue.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    public int? BrokerPid => BrokerPids.Count > 0 ? BrokerPids[^1] : null;

    /// <summary>The brokers whose CPU time counts together.</summary>
    public IReadOnlyList<int> BrokerPids => [.. Values("pid").Select(static pid => int.Parse(pid, CultureInfo.InvariantCulture))];

    /// <summary>Who has each partition, its leader first; empty when one broker, whichever, is enough.</summary>
    public int[] Replicas => [.. Text("replicas", "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static id => int.Parse(id, CultureInfo.InvariantCulture))];

    public bool IsIdempotent => _values.ContainsKey("idempotent");

    public bool Verify => _values.ContainsKey("verify");

    public IReadOnlyList<string> Configs => Values("config");

    public static LoadOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new LoadOptions();
        for (int i = 0; i < arguments.Length; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal)) throw new ArgumentException($"unexpected {arguments[i]}");
            string name = arguments[i][2..];
            string value = "";
            if (i + 1 < arguments.Length && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal)) value = arguments[++i];
            if (!options._values.TryGetValue(name, out List<string>? values)) options._values[name] = values = [];
            values.Add(value);
        }
        return options;
    }

    private List<string> Values(string name) => _values.GetValueOrDefault(name) ?? [];

    private string Text(string name, string fallback) => _values.TryGetValue(name, out List<string>? values) ? values[^1] : fallback;

    private int Number(string name, int fallback) =>
        _values.TryGetValue(name, out List<string>? values) ? int.Parse(values[^1], CultureInfo.InvariantCulture) : fallback;
}
