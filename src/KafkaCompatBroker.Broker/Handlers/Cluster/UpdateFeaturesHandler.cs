using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Handlers.Cluster;

/// <summary>
/// UpdateFeatures (57): changes finalized feature levels, all or none (KIP-584). A bad one fails the request with
/// INVALID_UPDATE_VERSION. kraft.version is the quorum's own and goes there (KIP-853). v0: a downgrade flag in place of a type; v1: validate
/// only; v2: no list of features in the answer.
/// </summary>
public sealed class UpdateFeaturesHandler(ControllerShell controller, IQuorumView quorum) : IRequestHandler<UpdateFeaturesRequest, UpdateFeaturesResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.UpdateFeatures);

    public async ValueTask<UpdateFeaturesResponse> HandleAsync(RequestContext context, UpdateFeaturesRequest request, CancellationToken token)
    {
        if (Array.Find(request.FeatureUpdates, static update => update.Feature == FeatureNames.KRaftVersion) is not { } ofQuorum)
            return await DecideAsync(context, request, request.ValidateOnly, token).ConfigureAwait(false);
        UpdateFeaturesResponse response = await DecideAsync(context, request, validateOnly: true, token).ConfigureAwait(false);
        if (response.ErrorCode != ErrorCode.None) return response;
        KRaftVersionOutcome outcome = await quorum.UpgradeAsync(ofQuorum.MaxVersionLevel, request.ValidateOnly).ConfigureAwait(false);
        if (outcome.Error != RaftError.None) return Refuse(outcome, ofQuorum);
        return request.ValidateOnly ? response : await DecideAsync(context, request, validateOnly: false, token).ConfigureAwait(false);
    }

    private static UpdateFeaturesResponse Refuse(KRaftVersionOutcome outcome, UpdateFeaturesRequest.FeatureUpdateKey update) => outcome.Error == RaftError.NotLeaderOrFollower
        ? throw new NotLeaderException("This node does not lead the quorum.")
        : new UpdateFeaturesResponse
        {
            ErrorCode = ErrorCode.InvalidUpdateVersion,
            ErrorMessage = $"The update failed for all features since the following feature had an error: Invalid update version {update.MaxVersionLevel} for feature {update.Feature}. {outcome.Reason}",
        };

    private Task<UpdateFeaturesResponse> DecideAsync(RequestContext context, UpdateFeaturesRequest request, bool validateOnly, CancellationToken token)
    {
        UpdateFeaturesRequest asked = new() { TimeoutMs = request.TimeoutMs, FeatureUpdates = request.FeatureUpdates, ValidateOnly = validateOnly };
        return controller.ExecuteAsync((active, _) => active.UpdateFeatures(asked, context.ApiVersion, quorum.KRaftVersion), token);
    }
}
