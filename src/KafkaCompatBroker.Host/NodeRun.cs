using System.Collections;
using KafkaCompatBroker.Broker;
using KafkaCompatBroker.Coordination.Configs;
using KafkaCompatBroker.Host.Configuration;
using KafkaCompatBroker.Host.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace KafkaCompatBroker.Host;

/// <summary>One node from its properties to the end of its controlled shutdown.</summary>
internal sealed class NodeRun(HostOptions options, IDictionary environment, TimeProvider time)
{
    private const int StandardOutput = 1;

    public async Task RunAsync()
    {
        using var signals = new ShutdownSignals();
        var properties = NodeProperties.Load(options.PropertiesFile, options.Overrides, environment);
        var config = BrokerConfig.From(properties);
        PrepareDirectories(new DataDirectories(config, properties));

        using var output = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        using var log = new ConsoleLog(output, time, LogLevel.Trace);
        var logger = log.CreateLogger("kafka.server.KafkaRaftServer");
        foreach (var unknown in properties.Keys.Where(name => !BrokerConfigRules.IsKnown(name)).Order(StringComparer.Ordinal))
        {
            HostLog.UnknownProperty(logger, unknown);
        }

        await using (var server = await StartAsync(config, log, signals))
        {
            if (server is null)
            {
                HostLog.Stopped(logger, config.NodeId);
                return;
            }

            HostLog.Listening(logger, string.Join(", ", config.Listeners.Select(Address)), string.Join(", ", config.LogDirectories));
            HostLog.Started(logger, config.NodeId);
            await Task.WhenAny(signals.First, server.Failure);
            if (server.Failure.IsCompleted)
            {
                throw await server.Failure;
            }

            HostLog.ShuttingDown(logger, await signals.First);
        }

        HostLog.Stopped(logger, config.NodeId);
    }

    /// <summary>Null when a signal came first: a node without a quorum waits for as long as it takes.</summary>
    private async Task<BrokerServer?> StartAsync(BrokerConfig config, ConsoleLog log, ShutdownSignals signals)
    {
        using var stopping = new CancellationTokenSource();
        var starting = BrokerServer.StartAsync(config, log, time, stopping.Token);
        if (await Task.WhenAny(starting, signals.First) != starting)
        {
            await stopping.CancelAsync();
        }

        try
        {
            return await starting;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string Address(ListenerConfig listener) => $"{listener.Name}://{listener.Host}:{listener.Port}";

    private void PrepareDirectories(DataDirectories directories)
    {
        if (directories.Unformatted is not { Count: > 0 } unformatted)
        {
            return;
        }

        if (!options.AutoFormat)
        {
            throw new UsageException($"{string.Join(", ", unformatted)} is not formatted; run: {directories.FormatCommand(options.PropertiesFile)}");
        }

        directories.Format(environment["CLUSTER_ID"] as string ?? environment["KAFKA_CLUSTER_ID"] as string, time);
    }
}
