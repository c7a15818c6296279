using System.Collections.Immutable;
using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Coordination.Quotas;

namespace KafkaCompatBroker.Coordination.Tests.Quotas;

public class QuotaTableTests
{
    private const string Default = "<default>";

    // From the most specific to the least, as Kafka documents it; "" means that the entity does not name the type.
    private static readonly (string User, string ClientId)[] Precedence =
    [
        ("alice", "app"), ("alice", Default), ("alice", ""), (Default, "app"), (Default, Default), (Default, ""), ("", "app"), ("", Default),
    ];

    [Theory]
    [InlineData(0, "alice", "app")]
    [InlineData(1, "alice", "app")]
    [InlineData(2, "alice", null)]
    [InlineData(3, "alice", "app")]
    [InlineData(4, "alice", "app")]
    [InlineData(5, "alice", null)]
    [InlineData(6, null, "app")]
    [InlineData(7, null, "app")]
    public void The_most_specific_quota_applies_and_is_shared_by_whom_it_names(int mostSpecific, string? user, string? clientId)
    {
        QuotaTable table = Table([.. Precedence.Skip(mostSpecific).Select((entity, i) => (entity.User, entity.ClientId, "producer_byte_rate", 100.0 + i))]);
        Assert.Equal(new QuotaLimit(new QuotaShare(user, clientId), 100), table.Find(QuotaKind.Produce, "alice", "app"));
    }

    [Fact]
    public void Quotas_of_others_do_not_apply()
    {
        QuotaTable table = Table(("bob", "app", "producer_byte_rate", 1), ("alice", "other", "producer_byte_rate", 1), ("", "other", "producer_byte_rate", 1));
        Assert.False(table.IsEmpty);
        Assert.Null(table.Find(QuotaKind.Produce, "alice", "app"));
    }

    [Fact]
    public void Each_kind_has_its_own_precedence()
    {
        QuotaTable table = Table(("alice", "", "consumer_byte_rate", 1), ("", "app", "producer_byte_rate", 2), ("", "app", "request_percentage", 3), ("", Default, "controller_mutation_rate", 4));
        Assert.Equal(2, table.Find(QuotaKind.Produce, "alice", "app")?.PerSecond);
        Assert.Equal(1, table.Find(QuotaKind.Fetch, "alice", "app")?.PerSecond);
        Assert.Equal(3, table.Find(QuotaKind.Request, "alice", "app")?.PerSecond);
        Assert.Equal(4, table.Find(QuotaKind.ControllerMutation, "alice", "app")?.PerSecond);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_client_without_id_has_the_quota_of_its_user_only(string? clientId)
    {
        QuotaTable table = Table([.. Precedence.Select((entity, i) => (entity.User, entity.ClientId, "producer_byte_rate", 1.0 + i))]);
        Assert.Equal(new QuotaLimit(new QuotaShare("alice", null), 3), table.Find(QuotaKind.Produce, "alice", clientId));
        Assert.Equal(new QuotaLimit(new QuotaShare("bob", null), 6), table.Find(QuotaKind.Produce, "bob", clientId));
        Assert.Null(Table(("", Default, "producer_byte_rate", 1), (Default, Default, "producer_byte_rate", 1)).Find(QuotaKind.Produce, "bob", clientId));
    }

    [Fact]
    public void Quotas_of_addresses_are_no_quotas_of_clients()
    {
        var values = ImmutableSortedDictionary<string, double>.Empty.Add("connection_creation_rate", 5);
        Assert.True(QuotaTable.Of([new(new QuotaEntity([("ip", null)]), values)]).IsEmpty);
    }

    private static QuotaTable Table(params (string User, string ClientId, string Key, double Value)[] quotas) => QuotaTable.Of(quotas
        .GroupBy(quota => (quota.User, quota.ClientId))
        .Select(group => KeyValuePair.Create(Entity(group.Key.User, group.Key.ClientId), group.ToImmutableSortedDictionary(quota => quota.Key, quota => quota.Value))));

    private static QuotaEntity Entity(string user, string clientId) => new(
        new (string Type, string Name)[] { ("user", user), ("client-id", clientId) }
            .Where(part => part.Name.Length > 0)
            .Select(part => (part.Type, part.Name == Default ? null : part.Name)));
}
