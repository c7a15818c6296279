using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Tests.Metadata;

public sealed class TopicCreationTests
{
    [Fact]
    public async Task A_client_does_not_wait_for_a_controller_that_is_not_there_and_what_it_uses_is_asked_for_once()
    {
        using var fixture = await AdministrationFixture.StartAsync();
        var controller = new SilentController();
        var creation = new TopicCreation(controller, fixture.Cluster, TimeProvider.System);

        await creation.CreateAsync(["orders"], default);
        await creation.CreateAsync(["orders", "payments"], default);
        Assert.Equal(["orders", "payments"], controller.Asked);

        controller.Answer.SetResult(new CreateTopicsResponse());
        // The first requests may still be on their way back.
        do await creation.CreateAsync(["orders"], default);
        while (controller.Asked.Count == 2);
        Assert.Equal(["orders", "payments", "orders"], controller.Asked);
    }

    private sealed class SilentController : IActiveController
    {
        public TaskCompletionSource<CreateTopicsResponse> Answer { get; } = new();

        public List<string> Asked { get; } = [];

        public Task<CreateTopicsResponse> CreateTopicsAsync(CreateTopicsRequest request, CancellationToken token)
        {
            lock (Asked) Asked.AddRange(request.Topics.Select(static topic => topic.Name));
            return Answer.Task;
        }

        public Task<BrokerRegistrationResponse> RegisterAsync(BrokerRegistrationRequest request, CancellationToken token) => throw new NotSupportedException();

        public Task<ControllerRegistrationResponse> RegisterControllerAsync(ControllerRegistrationRequest request, CancellationToken token) => throw new NotSupportedException();

        public Task<BrokerHeartbeatResponse> HeartbeatAsync(BrokerHeartbeatRequest request, CancellationToken token) => throw new NotSupportedException();

        public Task<AssignReplicasToDirsResponse> AssignReplicasToDirsAsync(AssignReplicasToDirsRequest request, CancellationToken token) => throw new NotSupportedException();

        public Task<AllocateProducerIdsResponse> AllocateProducerIdsAsync(AllocateProducerIdsRequest request, CancellationToken token) => throw new NotSupportedException();

        public Task<AlterPartitionResponse> AlterPartitionAsync(AlterPartitionRequest request, CancellationToken token) => throw new NotSupportedException();

        public Task<IncrementalAlterConfigsResponse> IncrementalAlterConfigsAsync(IncrementalAlterConfigsRequest request, CancellationToken token) => throw new NotSupportedException();
    }
}
