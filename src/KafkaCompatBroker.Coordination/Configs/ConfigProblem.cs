namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>Why a set of properties is refused.</summary>
/// <param name="IsInvalidRequest">True for INVALID_REQUEST, false for INVALID_CONFIG.</param>
/// <param name="Message">One line for the client.</param>
public sealed record ConfigProblem(bool IsInvalidRequest, string Message)
{
    public static ConfigProblem Config(string message) => new(false, message);

    public static ConfigProblem Request(string message) => new(true, message);
}
