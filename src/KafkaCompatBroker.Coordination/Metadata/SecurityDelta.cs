using System.Collections.Immutable;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Coordination.Metadata;

/// <summary>The part of <see cref="MetadataDelta"/> that concerns quotas, credentials, access control and tokens.</summary>
internal sealed class SecurityDelta(MetadataImage image, MetadataChanges changes)
{
    private readonly ImmutableDictionary<QuotaEntity, ImmutableSortedDictionary<string, double>>.Builder _quotas = image.ClientQuotas.ToBuilder();
    private readonly ImmutableDictionary<(string User, sbyte Mechanism), UserScramCredentialRecord>.Builder _scram = image.ScramCredentials.ToBuilder();
    private readonly ImmutableDictionary<Uuid, AccessControlEntryRecord>.Builder _acls = image.Acls.ToBuilder();
    private readonly ImmutableDictionary<string, DelegationTokenRecord>.Builder _tokens = image.DelegationTokens.ToBuilder();

    public void Apply(IMessage record)
    {
        switch (record)
        {
            case ClientQuotaRecord quota:
                Apply(quota);
                changes.HasQuotaChanges = true;
                break;
            case UserScramCredentialRecord credential:
                _scram[(credential.Name, credential.Mechanism)] = credential;
                changes.HasScramChanges = true;
                break;
            case RemoveUserScramCredentialRecord removed:
                _scram.Remove((removed.Name, removed.Mechanism));
                changes.HasScramChanges = true;
                break;
            case AccessControlEntryRecord acl:
                _acls[acl.Id] = acl;
                changes.HasAclChanges = true;
                break;
            case RemoveAccessControlEntryRecord removed:
                _acls.Remove(removed.Id);
                changes.HasAclChanges = true;
                break;
            case DelegationTokenRecord token:
                _tokens[token.TokenId] = token;
                break;
            case RemoveDelegationTokenRecord removed:
                _tokens.Remove(removed.TokenId);
                break;
        }
    }

    public MetadataImage Into(MetadataImage target) => target with
    {
        ClientQuotas = _quotas.ToImmutable(),
        ScramCredentials = _scram.ToImmutable(),
        Acls = _acls.ToImmutable(),
        DelegationTokens = _tokens.ToImmutable(),
    };

    private void Apply(ClientQuotaRecord record)
    {
        var entity = new QuotaEntity(record.Entity.Select(static part => (part.EntityType, part.EntityName)));
        ImmutableSortedDictionary<string, double> values = _quotas.GetValueOrDefault(entity)
            ?? ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);
        values = record.Remove ? values.Remove(record.Key) : values.SetItem(record.Key, record.Value);
        if (values.IsEmpty) _quotas.Remove(entity);
        else _quotas[entity] = values;
    }
}
