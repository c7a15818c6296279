using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Broker.Requests;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;
using static KafkaCompatBroker.Protocol.Messages.DescribeUserScramCredentialsResponse;

namespace KafkaCompatBroker.Broker.Handlers.Security;

/// <summary>
/// DescribeUserScramCredentials (50): which SCRAM mechanisms and iterations users have in the metadata log, never the secrets
/// (KIP-554). No users named means all. RESOURCE_NOT_FOUND for a user without credentials, DUPLICATE_RESOURCE for one named twice.
/// </summary>
public sealed class DescribeUserScramCredentialsHandler(ClusterView cluster)
    : IRequestHandler<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>
{
    public static ApiVersionRange Versions => ApiVersionRange.Stable(ApiKey.DescribeUserScramCredentials);

    public ValueTask<DescribeUserScramCredentialsResponse> HandleAsync(
        RequestContext context, DescribeUserScramCredentialsRequest request, CancellationToken token)
    {
        MetadataImage image = cluster.Image;
        ILookup<string, CredentialInfo> known = image.ScramCredentials.Values.OrderBy(static one => one.Mechanism).ToLookup(
            static one => one.Name, static one => new CredentialInfo { Mechanism = one.Mechanism, Iterations = one.Iterations }, StringComparer.Ordinal);
        IEnumerable<IGrouping<string, string>> users = request.Users is { Length: > 0 } named
            ? named.Select(static user => user.Name).GroupBy(static name => name, StringComparer.Ordinal)
            : known.Select(static user => user.Key).GroupBy(static name => name, StringComparer.Ordinal);
        return ValueTask.FromResult(new DescribeUserScramCredentialsResponse
        {
            ErrorMessage = "",
            Results = [.. users.Select(user => Describe(user.Key, user.Count(), [.. known[user.Key]]))],
        });
    }

    private static DescribeUserScramCredentialsResult Describe(string user, int mentions, CredentialInfo[] credentials)
    {
        if (mentions > 1)
            return new DescribeUserScramCredentialsResult
            {
                User = user,
                ErrorCode = ErrorCode.DuplicateResource,
                ErrorMessage = $"Cannot describe SCRAM credentials for the same user twice in a single request: {user}",
            };
        return credentials.Length == 0
            ? new DescribeUserScramCredentialsResult
            {
                User = user,
                ErrorCode = ErrorCode.ResourceNotFound,
                ErrorMessage = $"Attempt to describe a user credential that does not exist: {user}",
            }
            : new DescribeUserScramCredentialsResult { User = user, ErrorMessage = "", CredentialInfos = credentials };
    }
}
