using System.Diagnostics;
using System.Net.Sockets;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.LoadGenerator;

/// <summary>Waits for the first Metadata answer that names a live broker; started together with the broker.</summary>
internal static class ReadyProbe
{
    public static LoadResult Run(LoadOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < options.TimeoutSeconds)
        {
            try
            {
                using var client = new WireClient(options.Bootstrap);
                MetadataResponse answer = client.Ask<MetadataRequest, MetadataResponse>(new MetadataRequest { Topics = [] }, 5);
                if (answer.Brokers.Length > 0)
                {
                    var result = new LoadResult { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
                    result.Extra["readyMs"] = result.Seconds * 1000;
                    return result;
                }
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // Not listening yet.
            }
            Thread.Sleep(2);
        }
        throw new IOException("the broker did not answer in time");
    }
}
