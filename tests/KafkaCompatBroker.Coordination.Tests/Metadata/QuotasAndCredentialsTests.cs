using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

public class QuotasAndCredentialsTests
{
    [Fact]
    public void Quotas_are_set_changed_and_removed()
    {
        var fixture = new ControllerFixture();
        Assert.Equal(ErrorCode.None, Alter(fixture, [("user", "alice"), ("client-id", null)], ("producer_byte_rate", 100), ("request_percentage", 12.5)));
        QuotaEntity alice = new([("client-id", null), ("user", "alice")]);
        Assert.Equal(12.5, fixture.Image.ClientQuotas[alice]["request_percentage"]);
        int records = fixture.Log.Count;
        Assert.Equal(ErrorCode.None, Alter(fixture, [("user", "alice"), ("client-id", null)], ("producer_byte_rate", 100)));
        Assert.Equal(records, fixture.Log.Count);
        Assert.Equal(ErrorCode.None, Alter(fixture, [("user", "alice"), ("client-id", null)], ("producer_byte_rate", null), ("request_percentage", null)));
        Assert.Empty(fixture.Image.ClientQuotas);
    }

    [Theory]
    [InlineData("user", "alice", "producer_byte_rate", 0.5)]
    [InlineData("user", "alice", "producer_byte_rate", 0.0)]
    [InlineData("user", "alice", "connection_creation_rate", 1.0)]
    [InlineData("ip", "10.0.0.1", "producer_byte_rate", 1.0)]
    [InlineData("ip", "10.0.0.1", "connection_creation_rate", 3e9)]
    [InlineData("ip", "not a host", "connection_creation_rate", 3)]
    [InlineData("user", "", "producer_byte_rate", 1.0)]
    [InlineData("team", "a", "producer_byte_rate", 1.0)]
    public void A_quota_that_cannot_be_is_refused(string type, string name, string key, double value)
    {
        var fixture = new ControllerFixture();
        Assert.Equal(ErrorCode.InvalidRequest, Alter(fixture, [(type, name)], (key, value)));
        Assert.Empty(fixture.Image.ClientQuotas);
    }

    [Fact]
    public void Credentials_keep_only_what_a_server_needs()
    {
        var fixture = new ControllerFixture();
        AlterUserScramCredentialsRequest.ScramCredentialUpsertion good = new() { Name = "bob", Mechanism = 1, Iterations = 4096, Salt = new byte[] { 1 }, SaltedPassword = new byte[32] };
        Assert.Equal(ErrorCode.None, Upsert(fixture, good));
        UserScramCredentialRecord kept = fixture.Image.ScramCredentials[("bob", 1)];
        Assert.Equal(32, kept.StoredKey.Length);
        Assert.False(kept.StoredKey.Span.SequenceEqual(kept.ServerKey.Span));
        Assert.Equal(ErrorCode.DuplicateResource, Upsert(fixture, good, good));
        Assert.Equal(ErrorCode.UnacceptableCredential, Upsert(fixture, new AlterUserScramCredentialsRequest.ScramCredentialUpsertion { Name = "bob", Mechanism = 1, Iterations = 4095 }));
        Assert.Equal(ErrorCode.UnacceptableCredential, Upsert(fixture, new AlterUserScramCredentialsRequest.ScramCredentialUpsertion { Name = "bob", Mechanism = 1, Iterations = 16385 }));
        Assert.Equal(ErrorCode.UnacceptableCredential, Upsert(fixture, new AlterUserScramCredentialsRequest.ScramCredentialUpsertion { Name = "", Mechanism = 1, Iterations = 5000 }));
        Assert.Equal(ErrorCode.UnsupportedSaslMechanism, Upsert(fixture, new AlterUserScramCredentialsRequest.ScramCredentialUpsertion { Name = "bob", Mechanism = 3, Iterations = 5000 }));
        Assert.Equal(ErrorCode.ResourceNotFound, Delete(fixture, "bob", 2));
        Assert.Equal(ErrorCode.None, Delete(fixture, "bob", 1));
        Assert.Empty(fixture.Image.ScramCredentials);
    }

    private static readonly HashSet<string> UnknownHosts = ["not a host"];

    private static ErrorCode Alter(ControllerFixture fixture, (string Type, string? Name)[] entity, params (string Key, double? Value)[] operations) =>
        Assert.Single(fixture.Run(fixture.Controller.AlterClientQuotas(new AlterClientQuotasRequest
        {
            Entries =
            [
                new AlterClientQuotasRequest.EntryData
                {
                    Entity = [.. entity.Select(static part => new AlterClientQuotasRequest.EntityData { EntityType = part.Type, EntityName = part.Name })],
                    Ops = [.. operations.Select(static one => new AlterClientQuotasRequest.OpData { Key = one.Key, Value = one.Value ?? 0, Remove = one.Value is null })],
                },
            ],
        }, UnknownHosts)).Entries).ErrorCode;

    private static ErrorCode Upsert(ControllerFixture fixture, params AlterUserScramCredentialsRequest.ScramCredentialUpsertion[] upsertions) =>
        Assert.Single(fixture.Run(fixture.Controller.AlterUserScramCredentials(new AlterUserScramCredentialsRequest { Upsertions = upsertions })).Results).ErrorCode;

    private static ErrorCode Delete(ControllerFixture fixture, string user, sbyte mechanism) =>
        Assert.Single(fixture.Run(fixture.Controller.AlterUserScramCredentials(new AlterUserScramCredentialsRequest
        {
            Deletions = [new AlterUserScramCredentialsRequest.ScramCredentialDeletion { Name = user, Mechanism = mechanism }],
        })).Results).ErrorCode;
}
