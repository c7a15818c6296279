using static KafkaCompatBroker.Coordination.Configs.ConfigImportance;
using static KafkaCompatBroker.Coordination.Configs.ConfigUpdateMode;
using static KafkaCompatBroker.Coordination.Configs.ConfigValidators;

namespace KafkaCompatBroker.Coordination.Configs.Definitions;

/// <summary>TLS.</summary>
internal static class TlsDefinitions
{
    public static readonly ConfigDefinition[] All =
    [
        new("ssl.allow.dn.changes", ConfigType.Boolean, "false", Low, ReadOnly, null),
        new("ssl.allow.san.changes", ConfigType.Boolean, "false", Low, ReadOnly, null),
        new("ssl.cipher.suites", ConfigType.List, "", Medium, PerBroker, UniqueList),
        new("ssl.client.auth", ConfigType.String, "none", Medium, PerBroker, OneOf("required", "requested", "none")),
        new("ssl.enabled.protocols", ConfigType.List, "TLSv1.2,TLSv1.3", Medium, PerBroker, UniqueList),
        new("ssl.endpoint.identification.algorithm", ConfigType.String, "https", Low, PerBroker, null),
        new("ssl.engine.factory.class", ConfigType.Class, null, Low, PerBroker, null),
        new("ssl.key.password", ConfigType.Password, null, Medium, PerBroker, null),
        new("ssl.keymanager.algorithm", ConfigType.String, "SunX509", Medium, PerBroker, null),
        new("ssl.keystore.certificate.chain", ConfigType.Password, null, Medium, PerBroker, null),
        new("ssl.keystore.key", ConfigType.Password, null, Medium, PerBroker, null),
        new("ssl.keystore.location", ConfigType.String, null, Medium, PerBroker, null),
        new("ssl.keystore.password", ConfigType.Password, null, Medium, PerBroker, null),
        new("ssl.keystore.type", ConfigType.String, "JKS", Medium, PerBroker, null),
        new("ssl.principal.mapping.rules", ConfigType.String, "DEFAULT", Low, ReadOnly, null),
        new("ssl.protocol", ConfigType.String, "TLSv1.3", Medium, PerBroker, null),
        new("ssl.provider", ConfigType.String, null, Medium, PerBroker, null),
        new("ssl.secure.random.implementation", ConfigType.String, null, Low, PerBroker, null),
        new("ssl.trustmanager.algorithm", ConfigType.String, "PKIX", Medium, PerBroker, null),
        new("ssl.truststore.certificates", ConfigType.Password, null, Medium, PerBroker, null),
        new("ssl.truststore.location", ConfigType.String, null, Medium, PerBroker, null),
        new("ssl.truststore.password", ConfigType.Password, null, Medium, PerBroker, null),
        new("ssl.truststore.type", ConfigType.String, "JKS", Medium, PerBroker, null),
    ];
}
