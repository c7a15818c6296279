using System.Net;
using System.Net.Sockets;

namespace KafkaCompatBroker.Network;

/// <summary>Whether an accepted socket may become a connection now.</summary>
internal enum AdmissionStatus
{
    Admitted,
    AddressLimit,
    AddressRate,
    ListenerLimit,
    BrokerLimit,
    CreationRate,
}

/// <summary>
/// Counts connections by broker, listener and address, and paces new ones. As in Kafka the address limit closes, the others make
/// the listener wait with the connection it has in hand. The limits may change while connections are open; none is closed for it. Thread-safe.
/// </summary>
internal sealed class ConnectionLimits(NetworkOptions initial)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private readonly Dictionary<string, int> _byListener = [];
    private readonly Dictionary<string, RateWindow> _rateByListener = [];
    private readonly RateWindow _rate = new();
    private readonly AddressRates _addressRates = new();
    private NetworkOptions _options = initial;
    private Dictionary<IPAddress, int> _overrides = ByAddress(initial.ConnectionsPerAddressOverrides);
    private Dictionary<IPAddress, int> _ratesOfAddresses = ByAddress(initial.ConnectionsPerSecondByAddress);
    private int _total;

    /// <summary>A connection ended or limits changed: a waiting listener may try again.</summary>
    public event Action? Released;

    public int AddressLimit(IPAddress address) => _overrides.GetValueOrDefault(Plain(address), _options.ConnectionsPerAddressMax);

    public int AddressRate(IPAddress address) => _ratesOfAddresses.GetValueOrDefault(Plain(address), _options.ConnectionsPerSecondOfAddressMax);

    /// <summary>Takes over the limits of connections from other options.</summary>
    public void Change(NetworkOptions options)
    {
        Dictionary<IPAddress, int> overrides = ByAddress(options.ConnectionsPerAddressOverrides);
        Dictionary<IPAddress, int> rates = ByAddress(options.ConnectionsPerSecondByAddress);
        lock (_gate) (_options, _overrides, _ratesOfAddresses) = (options, overrides, rates);
        Released?.Invoke();
    }

    public AdmissionStatus TryAdmit(ConnectionOrigin origin, long nowMs)
    {
        IPAddress address = Plain(origin.Remote.Address);
        ListenerOptions listener = origin.Listener;
        lock (_gate)
        {
            int ofAddress = _byAddress.GetValueOrDefault(address);
            int ofListener = _byListener.GetValueOrDefault(listener.Name);
            ListenerLimits ofThisListener = _options.LimitsOfListeners.GetValueOrDefault(listener.Name, new ListenerLimits(listener.ConnectionsMax, listener.ConnectionsPerSecondMax));
            if (ofAddress >= AddressLimit(address)) return AdmissionStatus.AddressLimit;
            if (_total >= _options.ConnectionsMax) return AdmissionStatus.BrokerLimit;
            if (ofListener >= ofThisListener.ConnectionsMax) return AdmissionStatus.ListenerLimit;
            if (!_rateByListener.TryGetValue(listener.Name, out RateWindow? listenerRate))
            {
                _rateByListener[listener.Name] = listenerRate = new RateWindow();
            }
            if (!_rate.HasRoom(nowMs, _options.ConnectionsPerSecondMax) || !listenerRate.HasRoom(nowMs, ofThisListener.ConnectionsPerSecondMax))
                return AdmissionStatus.CreationRate;
            if (!_addressRates.TryTake(address, nowMs, AddressRate(address))) return AdmissionStatus.AddressRate;
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

    private static Dictionary<IPAddress, int> ByAddress(IReadOnlyDictionary<string, int> overrides)
    {
        var limits = new Dictionary<IPAddress, int>();
        foreach ((string host, int limit) in overrides)
        {
            foreach (IPAddress address in AddressesOf(host)) limits[Plain(address)] = limit;
        }
        return limits;
    }

    private static IPAddress[] AddressesOf(string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal)) return [literal];
        try
        {
            return Dns.GetHostAddresses(host);
        }
        catch (SocketException)
        {
            // A name that nobody knows cannot be the name of a client either.
            return [];
        }
    }

    /// <summary>Counts of addresses in the second that runs; forgotten with it, so that many addresses cost nothing later.</summary>
    private sealed class AddressRates
    {
        private readonly Dictionary<IPAddress, int> _counts = [];
        private long _second = -1;

        public bool TryTake(IPAddress address, long nowMs, int perSecondMax)
        {
            if (perSecondMax == int.MaxValue) return true;
            if (nowMs / 1000 != _second)
            {
                _second = nowMs / 1000;
                _counts.Clear();
            }
            int count = _counts.GetValueOrDefault(address);
            if (count >= perSecondMax) return false;
            _counts[address] = count + 1;
            return true;
        }
    }

    /// <summary>A count a second; exact to the second, which is as exact as a connection rate needs to be.</summary>
    private sealed class RateWindow
    {
        private long _second = -1;
        private int _count;

        public bool HasRoom(long nowMs, int perSecondMax)
        {
            if (nowMs / 1000 != _second) (_second, _count) = (nowMs / 1000, 0);
            return _count < perSecondMax;
        }

        public void Take() => _count++;
    }
}
