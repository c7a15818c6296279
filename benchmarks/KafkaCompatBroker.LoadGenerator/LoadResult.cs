using System.Globalization;
using System.Text;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>What a run came to, printed as one JSON line.</summary>
internal sealed class LoadResult
{
    public double Seconds { get; init; }

    public long Requests { get; init; }

    public long Records { get; init; }

    public long Bytes { get; init; }

    public long Errors { get; init; }

    public string FirstError { get; init; } = "";

    public LatencyHistogram Latency { get; init; } = new();

    /// <summary>CPU of the broker in the measured window; null when its pid was not given.</summary>
    public double? BrokerCpuMs { get; init; }

    public double ClientCpuMs { get; init; }

    public Dictionary<string, double> Extra { get; } = [];

    public string ToJson(string verb)
    {
        var json = new StringBuilder();
        json.Append(CultureInfo.InvariantCulture, $"{{\"verb\":\"{verb}\",\"seconds\":{Seconds:F3},\"requests\":{Requests},\"records\":{Records}");
        json.Append(CultureInfo.InvariantCulture, $",\"bytes\":{Bytes},\"errors\":{Errors},\"firstError\":\"{FirstError}\"");
        if (Seconds > 0)
        {
            json.Append(CultureInfo.InvariantCulture, $",\"requestsPerSecond\":{Requests / Seconds:F0},\"recordsPerSecond\":{Records / Seconds:F0}");
            json.Append(CultureInfo.InvariantCulture, $",\"megabytesPerSecond\":{Bytes / Seconds / 1e6:F1}");
        }
        if (Latency.Count > 0)
        {
            json.Append(CultureInfo.InvariantCulture, $",\"p50Us\":{Latency.PercentileUs(50):F1},\"p99Us\":{Latency.PercentileUs(99):F1}");
            json.Append(CultureInfo.InvariantCulture, $",\"p999Us\":{Latency.PercentileUs(99.9):F1},\"maxUs\":{Latency.MaxUs:F1}");
        }
        if (BrokerCpuMs is { } cpu)
        {
            json.Append(CultureInfo.InvariantCulture, $",\"brokerCpuMs\":{cpu:F1},\"brokerCpuUsPerRequest\":{cpu * 1000 / Math.Max(1, Requests):F2}");
            if (Bytes > 0) json.Append(CultureInfo.InvariantCulture, $",\"brokerCpuMsPerGb\":{cpu / (Bytes / 1e9):F1}");
        }
        json.Append(CultureInfo.InvariantCulture, $",\"clientCpuMs\":{ClientCpuMs:F1}");
        foreach ((string name, double value) in Extra) json.Append(CultureInfo.InvariantCulture, $",\"{name}\":{value:F2}");
        return json.Append('}').ToString();
    }
}
