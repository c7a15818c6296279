using System.Diagnostics.Metrics;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>Instruments of request handling on the broker's one meter; every measurement is tagged with its API.</summary>
public sealed class RequestMetrics(Meter meter)
{
    private readonly Counter<long> _requests = meter.CreateCounter<long>("broker.requests");
    private readonly Histogram<double> _latencyMs = meter.CreateHistogram<double>("broker.request.latency", "ms");
    private readonly Counter<long> _failures = meter.CreateCounter<long>("broker.request.failures");

    /// <summary>Somebody listens to latencies: only then are clocks read for them.</summary>
    internal bool MeasuresLatency => _latencyMs.Enabled;

    internal static KeyValuePair<string, object?> Tag(ApiKey key) => new("api", key.ToString());

    internal void Started(KeyValuePair<string, object?> api) => _requests.Add(1, api);

    internal void Finished(KeyValuePair<string, object?> api, double latencyMs) => _latencyMs.Record(latencyMs, api);

    internal void Failed(KeyValuePair<string, object?> api, string cause) =>
        _failures.Add(1, api, new KeyValuePair<string, object?>("cause", cause));
}
