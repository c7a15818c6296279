namespace KafkaCompatBroker.Protocol.Tests.Generator;

public sealed class GeneratedCodeTests
{
    private const string Update = "KCB_UPDATE_GOLDENS";

    /// <summary>
    /// A plain request, tagged fields with structs and records, versions that come and go with null, a nullable struct in a tagged field.
    /// After a wanted change of the generator: run with KCB_UPDATE_GOLDENS set to the folder Golden/generator of the sources, look at the diff.
    /// </summary>
    [Theory]
    [InlineData("rpc/12-Heartbeat.json")]
    [InlineData("rpc/59-FetchSnapshot.json")]
    [InlineData("rpc/13-LeaveGroup.json")]
    [InlineData("records/coordinator/group/05-ConsumerGroupMemberMetadata.json")]
    public void Generated_code_is_the_recorded_one(string spec)
    {
        var run = new GeneratorRun((spec, SpecFolder.Read(spec)));

        Assert.Empty(run.Diagnostics);
        Assert.NotEmpty(run.Sources);
        foreach ((string name, string source) in run.Sources)
        {
            string golden = Path.Combine("Golden", "generator", Path.GetFileNameWithoutExtension(spec), name + ".txt");
            if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 } folder)
            {
                string target = Path.Combine(folder, "..", "..", golden);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.WriteAllText(target, source);
            }
            else
            {
                Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, golden)), source);
            }
        }
    }

    [Fact]
    public void An_edit_of_one_spec_makes_only_its_own_message_again()
    {
        const string Edited = "rpc/12-Heartbeat.json";
        string[] specs = [Edited, "rpc/13-LeaveGroup.json", "rpc/59-FetchSnapshot.json", "errors.json"];
        var run = new GeneratorRun([.. specs.Select(spec => (spec, SpecFolder.Read(spec)))]);

        run.Replace(Edited, "\"ThrottleTimeMs\"", "\"ThrottledMs\"");

        Assert.Equal(1, run.OutputsMadeAnew);
        Assert.Contains("ThrottledMs", run.Sources["HeartbeatResponse.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void An_edit_that_changes_no_fact_makes_nothing_again()
    {
        const string Edited = "rpc/12-Heartbeat.json";
        var run = new GeneratorRun((Edited, SpecFolder.Read(Edited)), ("errors.json", SpecFolder.Read("errors.json")));

        run.Replace(Edited, "\"kind\": \"rpc\"", "\"kind\":   \"rpc\"");

        Assert.Equal(0, run.OutputsMadeAnew);
    }

    [Fact]
    public void A_broken_spec_leaves_the_others_alone()
    {
        var run = new GeneratorRun(("rpc/12-Heartbeat.json", SpecFolder.Read("rpc/12-Heartbeat.json")), ("rpc/99-Broken.json", "{"));

        Assert.Contains("HeartbeatRequest.g.cs", run.Sources.Keys);
        Assert.Single(run.Diagnostics);
    }
}
