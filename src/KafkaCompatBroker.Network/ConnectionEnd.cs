namespace KafkaCompatBroker.Network;

/// <summary>Why a connection ends, with what the log says in addition.</summary>
internal readonly record struct ConnectionEnd(CloseReason Reason, string? Detail);
