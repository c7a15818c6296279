using System.Net;

namespace KafkaCompatBroker.Network;

/// <summary>Where a connection came in and from.</summary>
internal sealed record ConnectionOrigin(ListenerOptions Listener, IPEndPoint Local, IPEndPoint Remote);
