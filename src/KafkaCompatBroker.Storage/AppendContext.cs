using KafkaCompatBroker.Storage.Policies;

namespace KafkaCompatBroker.Storage;

/// <summary>Circumstances of an append on the leader.</summary>
/// <param name="LeaderEpoch">Epoch that is written into the batches.</param>
/// <param name="Origin">A client, or a coordinator of this broker.</param>
/// <param name="NowMs">Append time, Unix milliseconds.</param>
/// <param name="AllowsZstd">False for Produce below version 7 (KIP-110).</param>
/// <param name="Guard">What <see cref="PartitionLog.BeginVerification"/> gave, once the coordinator agreed; null without.</param>
/// <param name="MarkerVersion">Transaction version of a marker.</param>
public readonly record struct AppendContext(
    int LeaderEpoch, AppendOrigin Origin, long NowMs, bool AllowsZstd = true, VerificationGuard? Guard = null, short MarkerVersion = 0);
