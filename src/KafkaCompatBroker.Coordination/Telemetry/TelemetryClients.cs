using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Telemetry;

/// <summary>
/// The clients that asked for subscriptions to their metrics (KIP-714): what they were told and when they may come again. Soft state, bounded; a client
/// that was forgotten is told anew. One caller at a time.
/// </summary>
public sealed class TelemetryClients
{
    private const int ClientsMax = 16_384;
    private const long RememberedMsLeast = 60_000;

    private readonly Dictionary<Uuid, Known> _clients = [];
    private readonly Queue<Uuid> _byAge = new();

    /// <summary>Codecs that a push may use, the best first.</summary>
    public static IReadOnlyList<CompressionType> AcceptedCodecs { get; } = [CompressionType.Zstd, CompressionType.Lz4, CompressionType.Gzip, CompressionType.Snappy];

    /// <summary>What a client is to push. THROTTLING_QUOTA_EXCEEDED when it asks again within its interval without a reason.</summary>
    public ErrorCode Subscribe(MetadataImage image, TelemetryClient client, long nowMs, out TelemetryTerms terms)
    {
        Known known = Find(image, client, nowMs);
        terms = known.Terms;
        bool mustAsk = known.LastError is ErrorCode.UnknownSubscriptionId or ErrorCode.UnsupportedCompressionType;
        if (!mustAsk && nowMs - Math.Max(known.AskedMs, known.PushedMs) < terms.PushIntervalMs) return ErrorCode.ThrottlingQuotaExceeded;
        known.AskedMs = nowMs;
        known.LastError = ErrorCode.None;
        return ErrorCode.None;
    }

    /// <summary>
    /// Whether a push is taken: INVALID_REQUEST without a usable id or after the last push, THROTTLING_QUOTA_EXCEEDED too early,
    /// UNKNOWN_SUBSCRIPTION_ID when the terms are others, UNSUPPORTED_COMPRESSION_TYPE, TELEMETRY_TOO_LARGE.
    /// </summary>
    /// <param name="image">Where the subscriptions are.</param>
    /// <param name="client">Who pushes.</param>
    /// <param name="push">What it sends.</param>
    /// <param name="bytesMax">telemetry.max.bytes</param>
    /// <param name="nowMs">Now, ms since the epoch.</param>
    public ErrorCode Push(MetadataImage image, TelemetryClient client, PushTelemetryRequest push, int bytesMax, long nowMs)
    {
        if (client.InstanceId == Uuid.Zero || client.InstanceId == Uuid.One) return ErrorCode.InvalidRequest;
        Known known = Find(image, client, nowMs);
        known.LastError = Check(known, push, bytesMax, nowMs);
        known.IsTerminating = push.Terminating;
        return known.LastError;
    }

    private static ErrorCode Check(Known known, PushTelemetryRequest push, int bytesMax, long nowMs)
    {
        if (known.IsTerminating) return ErrorCode.InvalidRequest;
        // Right after it asked a client may push at once: it spreads its pushes by itself.
        bool isInTime = known.AskedMs > known.PushedMs || nowMs - known.PushedMs >= known.Terms.PushIntervalMs;
        if (isInTime) known.PushedMs = nowMs;
        else if (!push.Terminating) return ErrorCode.ThrottlingQuotaExceeded;
        if (push.SubscriptionId != known.Terms.SubscriptionId) return ErrorCode.UnknownSubscriptionId;
        var codec = (CompressionType)push.CompressionType;
        if (codec != CompressionType.None && !AcceptedCodecs.Contains(codec)) return ErrorCode.UnsupportedCompressionType;
        return push.Metrics.Length > bytesMax ? ErrorCode.TelemetryTooLarge : ErrorCode.None;
    }

    private Known Find(MetadataImage image, TelemetryClient client, long nowMs)
    {
        if (_clients.TryGetValue(client.InstanceId, out Known? known))
        {
            bool isRemembered = nowMs - known.SeenMs < Math.Max(RememberedMsLeast, 3L * known.Terms.PushIntervalMs);
            known.SeenMs = nowMs;
            if (isRemembered && ReferenceEquals(known.Source, image.Configs)) return known;
            TelemetryTerms terms = TelemetryTerms.Of(image, client);
            known.Source = image.Configs;
            if (isRemembered && terms.SubscriptionId == known.Terms.SubscriptionId) return known;
            known.Renew(terms);
            return known;
        }

        if (_byAge.Count == ClientsMax) _clients.Remove(_byAge.Dequeue());
        _byAge.Enqueue(client.InstanceId);
        return _clients[client.InstanceId] = new Known(TelemetryTerms.Of(image, client), image.Configs) { SeenMs = nowMs };
    }

    private sealed class Known(TelemetryTerms terms, object source)
    {
        public TelemetryTerms Terms { get; private set; } = terms;

        public object Source { get; set; } = source;

        public long SeenMs { get; set; }

        public long AskedMs { get; set; }

        public long PushedMs { get; set; }

        public bool IsTerminating { get; set; }

        /// <summary>How its last push went.</summary>
        public ErrorCode LastError { get; set; }

        public void Renew(TelemetryTerms terms)
        {
            Terms = terms;
            AskedMs = 0;
            PushedMs = 0;
            IsTerminating = false;
        }
    }
}
