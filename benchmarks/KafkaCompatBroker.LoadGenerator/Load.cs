using System.Diagnostics;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Runs connections through warm-up and measured window.</summary>
internal static class Load
{
    private const int PollMs = 2;

    public static LoadResult Run(LoadOptions options, Func<WireClient, int, LoadConnection> connect)
    {
        var connections = new LoadConnection[options.Connections];
        for (int i = 0; i < connections.Length; i++) connections[i] = connect(new WireClient(options.Bootstrap), i);
        foreach (LoadConnection connection in connections) connection.Start();
        Wait(options.WarmupSeconds, () => connections.Any(connection => connection.Errors > 0));

        double brokerCpu = options.BrokerPids.Sum(ProcessCpu.Ms);
        double clientCpu = ProcessCpu.Ms(Environment.ProcessId);
        long start = Stopwatch.GetTimestamp();
        foreach (LoadConnection connection in connections) connection.Measure();
        Wait(options.Seconds, () => connections.Any(c => c.Errors > 0) || connections.Sum(c => c.Bytes) >= options.BytesTotal);
        foreach (LoadConnection connection in connections) connection.EndMeasure();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        brokerCpu = options.BrokerPids.Sum(ProcessCpu.Ms) - brokerCpu;
        clientCpu = ProcessCpu.Ms(Environment.ProcessId) - clientCpu;

        foreach (LoadConnection connection in connections) connection.Stop();
        Wait(10, () => connections.All(connection => connection.IsFinished));
        var latency = new LatencyHistogram();
        foreach (LoadConnection connection in connections) latency.Add(connection.Latency);
        var result = new LoadResult
        {
            Seconds = seconds,
            Requests = connections.Sum(connection => connection.Requests),
            Records = connections.Sum(connection => connection.Records),
            Bytes = connections.Sum(connection => connection.Bytes),
            Errors = connections.Sum(connection => connection.Errors),
            FirstError = connections.FirstOrDefault(connection => connection.Errors > 0)?.FirstError ?? "",
            Latency = latency,
            BrokerCpuMs = options.BrokerPid is null ? null : brokerCpu,
            ClientCpuMs = clientCpu,
        };
        foreach (LoadConnection connection in connections) connection.Dispose();
        return result;
    }

    private static void Wait(double seconds, Func<bool> ends)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds && !ends()) Thread.Sleep(PollMs);
    }
}
