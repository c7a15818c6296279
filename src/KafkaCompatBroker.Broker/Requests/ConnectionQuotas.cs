using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Network;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>
/// Keeps the limits of connections as the dynamic properties of this node (KIP-226) and the quotas of addresses (KIP-612) say. Names of
/// hosts are looked up, so changes are taken over on a pool thread: always those of the newest image.
/// </summary>
public sealed class ConnectionQuotas(BrokerConfig config, MetadataPublisher publisher, NetworkServer network)
{
    private const string Rate = "connection_creation_rate";

    private readonly Lock _changing = new();
    private volatile MetadataImage _newest = MetadataImage.Empty;

    public void Start() => publisher.Follow(static _ => { }, (before, after, _) =>
    {
        if (ReferenceEquals(before.Configs, after.Configs) && ReferenceEquals(before.ClientQuotas, after.ClientQuotas)) return;
        _newest = after;
        ThreadPool.UnsafeQueueUserWorkItem(static quotas => quotas.TakeOver(), this, preferLocal: false);
    });

    private void TakeOver()
    {
        lock (_changing)
        {
            MetadataImage image = _newest;
            NetworkOptions options = config.NetworkOptions(image.DynamicConfigsOf(config.NodeId));
            network.ChangeLimits(options with
            {
                ConnectionsPerSecondOfAddressMax = RateOf(image, null) ?? int.MaxValue,
                ConnectionsPerSecondByAddress = image.ClientQuotas.Keys
                    .Where(static entity => entity.Parts is [("ip", not null)])
                    .Select(entity => (Address: entity.Parts[0].Name!, Rate: RateOf(image, entity.Parts[0].Name)))
                    .Where(static one => one.Rate is not null)
                    .ToDictionary(static one => one.Address, static one => one.Rate!.Value, StringComparer.Ordinal),
            });
        }
    }

    private static int? RateOf(MetadataImage image, string? address) =>
        image.ClientQuotas.TryGetValue(new QuotaEntity([("ip", address)]), out var values) && values.TryGetValue(Rate, out double rate) ? (int)rate : null;
}
