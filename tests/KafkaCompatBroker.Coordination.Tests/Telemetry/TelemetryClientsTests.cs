using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Telemetry;
using KafkaCompatBroker.Coordination.Tests.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Tests.Telemetry;

public class TelemetryClientsTests
{
    private const int BytesMax = 100;

    private readonly ControllerFixture _cluster = new();
    private readonly TelemetryClients _clients = new();
    private long _nowMs = 1_000_000;

    [Fact]
    public void Without_a_subscription_a_client_pushes_nothing_every_five_minutes()
    {
        Assert.Equal(ErrorCode.None, Subscribe(Client(1), out TelemetryTerms terms));
        Assert.Equal((300_000, 0), (terms.PushIntervalMs, terms.Metrics.Count));
        Assert.Equal(ErrorCode.ThrottlingQuotaExceeded, Subscribe(Client(1), out _));
        _nowMs += 300_000;
        Assert.Equal(ErrorCode.None, Subscribe(Client(1), out _));
    }

    [Fact]
    public void Subscriptions_that_match_add_up()
    {
        Set("all", ("metrics", "a.,b."), ("interval.ms", "5000"));
        Set("some", ("metrics", "b.,c."), ("interval.ms", "2000"), ("match", "client_id=app-.*,client_software_name=java"));
        Set("others", ("metrics", "*"), ("match", "client_id=pp-1"));
        Subscribe(Client(1), out TelemetryTerms terms);
        Assert.Equal(["a.", "b.", "c."], terms.Metrics);
        Assert.Equal(2_000, terms.PushIntervalMs);
        Subscribe(Client(2) with { ClientId = "pp-1" }, out TelemetryTerms everything);
        Assert.Equal(["*"], everything.Metrics);
        Assert.NotEqual(terms.SubscriptionId, everything.SubscriptionId);
    }

    [Fact]
    public void A_subscription_that_changed_is_told_at_once_and_makes_the_old_id_unknown()
    {
        Subscribe(Client(1), out TelemetryTerms before);
        Set("all", ("metrics", "a."));
        Assert.Equal(ErrorCode.UnknownSubscriptionId, Push(Client(1), before.SubscriptionId));
        Set("all", ("metrics", "b."));
        Assert.Equal(ErrorCode.None, Subscribe(Client(1), out TelemetryTerms after));
        Assert.NotEqual(before.SubscriptionId, after.SubscriptionId);
        Assert.Equal(ErrorCode.None, Push(Client(1), after.SubscriptionId));
    }

    [Fact]
    public void A_push_comes_right_after_asking_or_an_interval_after_the_last()
    {
        Subscribe(Client(1), out TelemetryTerms terms);
        _nowMs += 1;
        Assert.Equal(ErrorCode.None, Push(Client(1), terms.SubscriptionId));
        Assert.Equal(ErrorCode.ThrottlingQuotaExceeded, Push(Client(1), terms.SubscriptionId));
        _nowMs += terms.PushIntervalMs;
        Assert.Equal(ErrorCode.None, Push(Client(1), terms.SubscriptionId));
    }

    [Fact]
    public void A_client_says_goodbye_once_and_at_any_time()
    {
        Subscribe(Client(1), out TelemetryTerms terms);
        Assert.Equal(ErrorCode.None, Push(Client(1), terms.SubscriptionId));
        Assert.Equal(ErrorCode.None, Push(Client(1), terms.SubscriptionId, terminating: true));
        Assert.Equal(ErrorCode.InvalidRequest, Push(Client(1), terms.SubscriptionId, terminating: true));
    }

    [Fact]
    public void Pushes_that_nobody_could_use_are_refused()
    {
        Assert.Equal(ErrorCode.InvalidRequest, Push(Client(0), 1));
        Assert.Equal(ErrorCode.UnknownSubscriptionId, Push(Client(5), 1));
        Assert.Equal(ErrorCode.None, Subscribe(Client(5), out _));
        Subscribe(Client(1), out TelemetryTerms terms);
        Assert.Equal(ErrorCode.UnsupportedCompressionType, Push(Client(1), terms.SubscriptionId, codec: 7));
        Subscribe(Client(2), out terms);
        Assert.Equal(ErrorCode.TelemetryTooLarge, Push(Client(2), terms.SubscriptionId, codec: (sbyte)CompressionType.Zstd, size: BytesMax + 1));
    }

    private static TelemetryClient Client(ulong id) => new(new Uuid(0, id == 0 ? 0 : id + 100), "app-1", "java", "4.4", "127.0.0.1", "5000");

    private void Set(string name, params (string Name, string Value)[] configs)
    {
        foreach ((string key, string value) in configs)
            Assert.Equal(ErrorCode.None, _cluster.Alter(new ConfigResource(ConfigResourceType.ClientMetrics, name), key, 0, value).ErrorCode);
    }

    private ErrorCode Subscribe(TelemetryClient client, out TelemetryTerms terms) => _clients.Subscribe(_cluster.Image, client, _nowMs, out terms);

    private ErrorCode Push(TelemetryClient client, int subscription, bool terminating = false, sbyte codec = 0, int size = 10) => _clients.Push(
        _cluster.Image,
        client,
        new PushTelemetryRequest { SubscriptionId = subscription, Terminating = terminating, CompressionType = codec, Metrics = new byte[size] },
        BytesMax,
        _nowMs);
}
