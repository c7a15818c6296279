using System.Net;
using System.Net.Sockets;

namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Hands out ports below the range that outgoing connections use, so that none is taken between here and the broker's bind.</summary>
internal static class Ports
{
    private static int _next = FirstPort;

    private static int FirstPort => int.Parse(Environment.GetEnvironmentVariable("TEST_PORT_FIRST") ?? "23100");

    public static int Next()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref _next);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // In use: the next one.
            }
        }
    }
}
