namespace KafkaCompatBroker.Simulation;

/// <summary>How long a history is.</summary>
public enum SimulationForm
{
    /// <summary>A few virtual seconds of faults: thousands of seeds in the time of a test run.</summary>
    Short,

    /// <summary>A minute of faults: what the nightly run takes.</summary>
    Long,
}
