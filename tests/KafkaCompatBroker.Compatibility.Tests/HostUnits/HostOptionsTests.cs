using KafkaCompatBroker.Host;

namespace KafkaCompatBroker.Compatibility.Tests.HostUnits;

public sealed class HostOptionsTests
{
    [Fact]
    public void No_arguments_start_the_built_in_node_and_format_its_directory()
    {
        var options = HostOptions.Parse([]);
        Assert.Equal((HostVerb.Start, null, true), (options.Verb, options.PropertiesFile, options.AutoFormat));
    }

    [Fact]
    public void A_file_is_started_as_it_is_and_not_formatted_unless_asked()
    {
        var options = HostOptions.Parse(["start", "server.properties", "--override", "a=b=c", "--override", "d="]);
        Assert.Equal(("server.properties", false), (options.PropertiesFile, options.AutoFormat));
        Assert.Equal([new("a", "b=c"), new("d", "")], options.Overrides);
        Assert.True(HostOptions.Parse(["start", "--auto-format", "server.properties"]).AutoFormat);
    }

    [Fact]
    public void Storage_keeps_its_arguments() =>
        Assert.Equal(["format", "-t", "id"], HostOptions.Parse(["storage", "format", "-t", "id"]).StorageArguments);

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("start", "one", "two")]
    [InlineData("start", "file", "--override")]
    [InlineData("start", "file", "--override", "novalue")]
    [InlineData("start", "file", "--override", "=value")]
    [InlineData("start", "--unknown")]
    public void Arguments_without_a_meaning_are_refused(params string[] arguments) =>
        Assert.Throws<UsageException>(() => HostOptions.Parse(arguments));
}
