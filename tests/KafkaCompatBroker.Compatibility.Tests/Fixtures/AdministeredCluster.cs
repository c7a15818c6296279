namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Three nodes and the tools of Apache Kafka in one JVM, for all tests that leave the quorum as it is.</summary>
public sealed class AdministeredCluster : IAsyncLifetime
{
    internal DynamicCluster Nodes { get; private set; } = null!;

    internal ToolSession Tools { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (Requirements.NoJavaCompiler is not null) return;
        Nodes = await DynamicCluster.StartAsync();
        Tools = await ToolSession.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (Tools is not null) await Tools.DisposeAsync();
        if (Nodes is not null) await Nodes.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class AdministeredCollection : ICollectionFixture<AdministeredCluster>
{
    public const string Name = "three administered nodes";
}
