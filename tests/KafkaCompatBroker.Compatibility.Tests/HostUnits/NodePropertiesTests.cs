using System.Collections;
using KafkaCompatBroker.Host.Configuration;

namespace KafkaCompatBroker.Compatibility.Tests.HostUnits;

public sealed class NodePropertiesTests
{
    [Theory]
    [InlineData("KAFKA_LOG_DIRS", "log.dirs")]
    [InlineData("KAFKA_NODE_ID", "node.id")]
    [InlineData("KAFKA_LISTENER_NAME_SASL__PLAIN_SSL_KEY", "listener.name.sasl_plain.ssl.key")]
    [InlineData("KAFKA_A___B", "a-b")]
    [InlineData("KAFKA_LISTENERS", "listeners")]
    public void A_variable_is_mapped_as_in_the_image(string variable, string property) =>
        Assert.Equal("x", EnvironmentProperties.From(new Hashtable { [variable] = "x" })[property]);

    [Theory]
    [InlineData("KAFKA_HEAP_OPTS")]
    [InlineData("KAFKA_OPTS")]
    [InlineData("KAFKA_LOG4J_OPTS")]
    [InlineData("KAFKA_JVM_PERFORMANCE_OPTS")]
    [InlineData("KAFKA_HOME")]
    [InlineData("PATH")]
    [InlineData("KAFKA_")]
    public void Other_variables_are_no_properties(string variable) =>
        Assert.Empty(EnvironmentProperties.From(new Hashtable { [variable] = "x" }));

    [Fact]
    public void Overrides_win_over_variables_and_these_over_the_file()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "a=file\nb=file\nc=file\n");
        var properties = NodeProperties.Load(
            file, [new("c", "override")], new Hashtable { ["KAFKA_B"] = "environment", ["KAFKA_C"] = "environment" });
        File.Delete(file);
        Assert.Equal(("file", "environment", "override"), (properties["a"], properties["b"], properties["c"]));
    }

    [Fact]
    public void Without_a_file_the_node_is_broker_and_controller_on_localhost()
    {
        var properties = NodeProperties.Load(null, [], new Hashtable());
        Assert.Equal("broker,controller", properties["process.roles"]);
        Assert.Equal("PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093", properties["listeners"]);
        Assert.Equal(Path.GetFullPath("data"), properties["log.dirs"]);
    }

    [Fact]
    public void Roles_in_the_environment_replace_the_built_in_node_and_anything_less_completes_it()
    {
        Assert.Equal(["process.roles"], NodeProperties.Load(null, [], new Hashtable { ["KAFKA_PROCESS_ROLES"] = "controller" }).Keys);
        var completed = NodeProperties.Load(null, [], new Hashtable { ["KAFKA_NUM_PARTITIONS"] = "4" });
        Assert.Equal(("4", "1"), (completed["num.partitions"], completed["node.id"]));
    }
}
