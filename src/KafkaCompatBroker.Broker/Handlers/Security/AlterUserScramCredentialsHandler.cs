using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>
/// AlterUserScramCredentials (51): keeps and removes SCRAM credentials in the metadata log (KIP-554), each user on its own. RESOURCE_NOT_FOUND,
/// DUPLICATE_RESOURCE, UNSUPPORTED_SASL_MECHANISM, and UNACCEPTABLE_CREDENTIAL for an empty name or iterations out of range.
/// </summary>
public sealed class AlterUserScramCredentialsHandler(ControllerShell controller) : IRequestHandler<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.AlterUserScramCredentials);

    public async ValueTask<AlterUserScramCredentialsResponse> HandleAsync(RequestContext context, AlterUserScramCredentialsRequest request, CancellationToken token) =>
        await controller.ExecuteAsync((active, _) => active.AlterUserScramCredentials(request), token).ConfigureAwait(false);
}
