using System.Security.Cryptography;
using System.Text;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides AlterUserScramCredentials (KIP-554): all changes of one user or none. Only what RFC 5802 lets a server keep is kept.</summary>
internal static class ScramCommand
{
    private const sbyte Sha256 = 1;
    private const sbyte Sha512 = 2;

    /// <summary>3.5-IV2.</summary>
    private const short FirstVersionWithScram = 11;

    private const int IterationsMin = 4096;
    private const int IterationsMax = 16384;

    public static Decision<AlterUserScramCredentialsResponse> Decide(ControllerContext context, AlterUserScramCredentialsRequest request)
    {
        var records = new List<IMessage>();
        var results = new List<AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult>();
        IEnumerable<string> users = request.Deletions.Select(static one => one.Name).Concat(request.Upsertions.Select(static one => one.Name)).Distinct(StringComparer.Ordinal);
        foreach (string user in users)
        {
            CommandError? error = DecideOne(
                context, [.. request.Deletions.Where(one => one.Name == user)], [.. request.Upsertions.Where(one => one.Name == user)], records);
            results.Add(new AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult { User = user, ErrorCode = error?.Code ?? ErrorCode.None, ErrorMessage = error?.Message });
        }

        return new Decision<AlterUserScramCredentialsResponse>(records, new AlterUserScramCredentialsResponse { Results = [.. results] });
    }

    private static CommandError? DecideOne(
        ControllerContext context,
        AlterUserScramCredentialsRequest.ScramCredentialDeletion[] deletions,
        AlterUserScramCredentialsRequest.ScramCredentialUpsertion[] upsertions,
        List<IMessage> records)
    {
        // Kafka's rule: even for two mechanisms of one user.
        if (deletions.Length + upsertions.Length > 1)
            return new CommandError(ErrorCode.DuplicateResource, "A user credential cannot be altered twice in the same request");
        if (context.Image.MetadataVersion < FirstVersionWithScram)
            return new CommandError(ErrorCode.UnsupportedVersion, "The current metadata.version does not support SCRAM");
        foreach (var deletion in deletions)
        {
            if (Check(deletion.Name, deletion.Mechanism) is { } problem) return problem;
            if (!context.Image.ScramCredentials.ContainsKey((deletion.Name, deletion.Mechanism)))
                return new CommandError(ErrorCode.ResourceNotFound, "Attempt to delete a user credential that does not exist");
        }

        foreach (var upsertion in upsertions)
        {
            if (Check(upsertion.Name, upsertion.Mechanism) is { } problem) return problem;
            if (upsertion.Iterations < IterationsMin) return new CommandError(ErrorCode.UnacceptableCredential, "Too few iterations");
            if (upsertion.Iterations > IterationsMax) return new CommandError(ErrorCode.UnacceptableCredential, "Too many iterations");
        }

        records.AddRange(deletions.Select(static one => new RemoveUserScramCredentialRecord { Name = one.Name, Mechanism = one.Mechanism }));
        records.AddRange(upsertions.Select(Record));
        return null;
    }

    private static CommandError? Check(string user, sbyte mechanism) =>
        user.Length == 0 ? new CommandError(ErrorCode.UnacceptableCredential, "Username must not be empty")
        : mechanism is not (Sha256 or Sha512) ? new CommandError(ErrorCode.UnsupportedSaslMechanism, "Unknown SCRAM mechanism")
        : null;

    private static UserScramCredentialRecord Record(AlterUserScramCredentialsRequest.ScramCredentialUpsertion upsertion)
    {
        byte[] clientKey = Authenticate(upsertion.Mechanism, upsertion.SaltedPassword.Span, "Client Key");
        return new UserScramCredentialRecord
        {
            Name = upsertion.Name,
            Mechanism = upsertion.Mechanism,
            Salt = upsertion.Salt.ToArray(),
            StoredKey = upsertion.Mechanism == Sha256 ? SHA256.HashData(clientKey) : SHA512.HashData(clientKey),
            ServerKey = Authenticate(upsertion.Mechanism, upsertion.SaltedPassword.Span, "Server Key"),
            Iterations = upsertion.Iterations,
        };
    }

    private static byte[] Authenticate(sbyte mechanism, ReadOnlySpan<byte> key, string text) =>
        mechanism == Sha256 ? HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)) : HMACSHA512.HashData(key, Encoding.UTF8.GetBytes(text));
}
