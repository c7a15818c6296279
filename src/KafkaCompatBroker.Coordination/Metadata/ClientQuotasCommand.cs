using System.Collections.Immutable;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;
using static KafkaCompatBroker.Protocol.Messages.AlterClientQuotasRequest;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>Decides AlterClientQuotas (KIP-546): each entity on its own; of a type that it names twice the last name counts.</summary>
internal static class ClientQuotasCommand
{
    private const string User = "user";
    private const string ClientId = "client-id";
    private const string Address = "ip";

    // The largest value of each; what has a largest one is a whole number.
    private static readonly ImmutableDictionary<string, double> _ofClients = ImmutableDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("producer_byte_rate", (double)long.MaxValue),
        KeyValuePair.Create("consumer_byte_rate", (double)long.MaxValue),
        KeyValuePair.Create("request_percentage", double.PositiveInfinity),
        KeyValuePair.Create("controller_mutation_rate", double.PositiveInfinity),
    ]);

    private static readonly ImmutableDictionary<string, double> _ofAddresses = ImmutableDictionary.CreateRange(StringComparer.Ordinal,
        [KeyValuePair.Create("connection_creation_rate", (double)int.MaxValue)]);

    public static Decision<AlterClientQuotasResponse> Decide(ControllerContext context, AlterClientQuotasRequest request, IReadOnlySet<string> unknownHosts)
    {
        var records = new List<IMessage>();
        var responses = new List<AlterClientQuotasResponse.EntryData>();
        foreach (EntryData entry in request.Entries)
        {
            EntityData[] entity = [.. entry.Entity.GroupBy(static part => part.EntityType, StringComparer.Ordinal).Select(static parts => parts.Last())];
            CommandError? error = DecideOne(context, entity, entry.Ops, unknownHosts, records);
            responses.Add(new AlterClientQuotasResponse.EntryData
            {
                ErrorCode = error?.Code ?? ErrorCode.None,
                ErrorMessage = error?.Message,
                Entity = [.. entity.Select(static part => new AlterClientQuotasResponse.EntityData { EntityType = part.EntityType, EntityName = part.EntityName })],
            });
        }

        return new Decision<AlterClientQuotasResponse>(request.ValidateOnly ? [] : records, new AlterClientQuotasResponse { Entries = [.. responses] });
    }

    private static CommandError? DecideOne(ControllerContext context, EntityData[] entity, OpData[] operations, IReadOnlySet<string> unknownHosts, List<IMessage> records)
    {
        if (CheckEntity(entity, unknownHosts) is { } problem) return Invalid(problem);
        var allowed = entity[0].EntityType == Address ? _ofAddresses : _ofClients;
        ImmutableSortedDictionary<string, double>? present =
            context.Image.ClientQuotas.GetValueOrDefault(new QuotaEntity(entity.Select(static part => (part.EntityType, part.EntityName))));
        var changes = new List<IMessage>();
        foreach (OpData operation in operations)
        {
            if (!allowed.TryGetValue(operation.Key, out double most)) return Invalid($"Invalid configuration key {operation.Key}");
            double? old = present is not null && present.TryGetValue(operation.Key, out double value) ? value : null;
            if (!operation.Remove && CheckValue(operation, most) is { } refusal) return Invalid(refusal);
            if (operation.Remove ? old is null : old == operation.Value) continue;
            changes.Add(new ClientQuotaRecord
            {
                Entity = [.. entity.Select(static part => new ClientQuotaRecord.EntityData { EntityType = part.EntityType, EntityName = part.EntityName })],
                Key = operation.Key,
                Value = operation.Remove ? 0 : operation.Value,
                Remove = operation.Remove,
            });
        }

        records.AddRange(changes);
        return null;
    }

    private static string? CheckEntity(EntityData[] entity, IReadOnlySet<string> unknownHosts)
    {
        if (entity.Length == 0) return "Invalid empty client quota entity";
        foreach (EntityData part in entity)
        {
            if (part.EntityType is not (User or ClientId or Address)) return $"Unhandled client quota entity type: {part.EntityType}";
            if (part.EntityName is { Length: 0 }) return $"Empty {part.EntityType} not supported";
            if (part.EntityType == Address && entity.Length > 1) return "Invalid quota entity combination, IP entity should not be combined with User or ClientId";
            if (part is { EntityType: Address, EntityName: { } name } && unknownHosts.Contains(name)) return $"{name} is not a valid IP or resolvable host.";
        }

        return null;
    }

    private static string? CheckValue(OpData operation, double most)
    {
        if (!(operation.Value > 0)) return $"Quota {operation.Key} must be greater than 0";
        if (double.IsPositiveInfinity(most)) return null;
        if (operation.Value > most) return $"Proposed value for {operation.Key} is too large.";
        return Math.Abs(operation.Value % 1.0) > 1e-6 ? $"{operation.Key} cannot be a fractional value." : null;
    }

    private static CommandError Invalid(string message) => new(ErrorCode.InvalidRequest, message);
}
