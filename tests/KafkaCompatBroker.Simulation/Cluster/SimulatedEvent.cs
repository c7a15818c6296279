namespace KafkaCompatBroker.Simulation.Cluster;

internal enum EventKind
{
    Deliver,
    Wake,
    DiskStep,
    Start,
    Propose,
    Fault,
    ChangeVoters,
    TakeSnapshot,
    Resign,
    Wipe,
}

/// <summary>Something that happens at a time.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">The node that it happens to, null when the moment decides.</param>
/// <param name="Process">The process that it is meant for.</param>
/// <param name="Frame">What is delivered.</param>
internal readonly record struct SimulatedEvent(EventKind Kind, SimulatedNode? Node = null, int Process = 0, Frame? Frame = null);
