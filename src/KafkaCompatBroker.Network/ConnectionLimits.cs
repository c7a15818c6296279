using System.Net;

namespace KafkaCompatBroker.Network;

/// <summary>Whether an accepted socket may become a connection now.</summary>
internal enum AdmissionStatus
{
    Admitted,
    AddressLimit,
    ListenerLimit,
    BrokerLimit,
    CreationRate,
}

/// <summary>
/// Counts connections by broker, listener and address, and paces new ones. As in Kafka the address limit closes, the others make
/// the listener wait with the connection it has in hand. Thread-safe.
/// </summary>
internal sealed class ConnectionLimits(NetworkOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private readonly Dictionary<string, int> _byListener = [];
    private readonly Dictionary<string, RateWindow> _rateByListener = [];
    private readonly Dictionary<IPAddress, int> _overrides = ParseOverrides(options.ConnectionsPerAddressOverrides);
    private readonly RateWindow _rate = new(options.ConnectionsPerSecondMax);
    private int _total;

    /// <summary>A connection ended: a waiting listener may try again.</summary>
    public event Action? Released;

    public int AddressLimit(IPAddress address) => _overrides.GetValueOrDefault(Plain(address), options.ConnectionsPerAddressMax);

    public AdmissionStatus TryAdmit(ConnectionOrigin origin, long nowMs)
    {
        IPAddress address = Plain(origin.Remote.Address);
        ListenerOptions listener = origin.Listener;
        lock (_gate)
        {
            int ofAddress = _byAddress.GetValueOrDefault(address);
            int ofListener = _byListener.GetValueOrDefault(listener.Name);
            if (ofAddress >= AddressLimit(address)) return AdmissionStatus.AddressLimit;
            if (_total >= options.ConnectionsMax) return AdmissionStatus.BrokerLimit;
            if (ofListener >= listener.ConnectionsMax) return AdmissionStatus.ListenerLimit;
            if (!_rateByListener.TryGetValue(listener.Name, out RateWindow? listenerRate))
            {
                _rateByListener[listener.Name] = listenerRate = new RateWindow(listener.ConnectionsPerSecondMax);
            }
            if (!_rate.HasRoom(nowMs) || !listenerRate.HasRoom(nowMs)) return AdmissionStatus.CreationRate;
            _rate.Take();
            listenerRate.Take();
            _total++;
            _byAddress[address] = ofAddress + 1;
            _byListener[listener.Name] = ofListener + 1;
            return AdmissionStatus.Admitted;
        }
    }

    public void Release(ConnectionOrigin origin)
    {
        IPAddress address = Plain(origin.Remote.Address);
        lock (_gate)
        {
            _total--;
            _byListener[origin.Listener.Name]--;
            if (--_byAddress[address] == 0) _byAddress.Remove(address);
        }
        Released?.Invoke();
    }

    /// <summary>One client must not get a second allowance by the other spelling of its address.</summary>
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static Dictionary<IPAddress, int> ParseOverrides(IReadOnlyDictionary<string, int> overrides)
    {
        var limits = new Dictionary<IPAddress, int>();
        foreach ((string host, int limit) in overrides)
        {
            IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : Dns.GetHostAddresses(host);
            foreach (IPAddress address in addresses) limits[Plain(address)] = limit;
        }
        return limits;
    }

    /// <summary>A count a second; exact to the second, which is as exact as a connection rate needs to be.</summary>
    private sealed class RateWindow(int perSecondMax)
    {
        private long _second = -1;
        private int _count;

        public bool HasRoom(long nowMs)
        {
            if (nowMs / 1000 != _second) (_second, _count) = (nowMs / 1000, 0);
            return _count < perSecondMax;
        }

        public void Take() => _count++;
    }
}
