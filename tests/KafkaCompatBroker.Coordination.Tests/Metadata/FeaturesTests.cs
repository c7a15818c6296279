using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Coordination.Tests.Metadata;

public class FeaturesTests
{
    private readonly ControllerFixture _fixture = new();

    private ErrorCode Update(string feature, short level, sbyte kind, bool validateOnly = true, short kraftVersion = 1) => _fixture.Run(_fixture.Controller.UpdateFeatures(new UpdateFeaturesRequest
    {
        FeatureUpdates = [new UpdateFeaturesRequest.FeatureUpdateKey { Feature = feature, MaxVersionLevel = level, UpgradeType = kind }],
        ValidateOnly = validateOnly,
    }, 1, kraftVersion)).ErrorCode;

    [Theory]
    [InlineData("no.such", 1, 1, ErrorCode.InvalidUpdateVersion)]
    [InlineData("metadata.version", 99, 1, ErrorCode.InvalidUpdateVersion)]
    [InlineData("metadata.version", 7, 1, ErrorCode.InvalidUpdateVersion)]
    [InlineData("metadata.version", 0, 1, ErrorCode.InvalidUpdateVersion)]
    [InlineData("metadata.version", 22, 2, ErrorCode.InvalidUpdateVersion)]
    [InlineData("metadata.version", 33, 9, ErrorCode.InvalidUpdateVersion)]
    [InlineData("transaction.version", 9, 1, ErrorCode.InvalidUpdateVersion)]
    [InlineData("group.version", 1, 1, ErrorCode.None)]
    [InlineData("group.version", 0, 2, ErrorCode.None)]
    public void Checks_updates(string feature, short level, sbyte kind, ErrorCode code) => Assert.Equal(code, Update(feature, level, kind));

    [Theory]
    [InlineData(0, 1, 1, ErrorCode.None)]
    [InlineData(1, 1, 2, ErrorCode.None)]
    [InlineData(0, 1, 2, ErrorCode.InvalidUpdateVersion)]
    [InlineData(1, 0, 1, ErrorCode.InvalidUpdateVersion)]
    [InlineData(1, 0, 2, ErrorCode.InvalidUpdateVersion)]
    [InlineData(1, 0, 3, ErrorCode.InvalidUpdateVersion)]
    [InlineData(1, 2, 1, ErrorCode.InvalidUpdateVersion)]
    public void The_version_of_the_quorum_only_goes_up(short current, short level, sbyte kind, ErrorCode code) =>
        Assert.Equal(code, Update("kraft.version", level, kind, validateOnly: false, current));

    [Fact]
    public void A_controller_that_lacks_a_level_keeps_the_cluster_from_it()
    {
        _fixture.Commit([new RegisterControllerRecord { ControllerId = 9, Features = [new RegisterControllerRecord.ControllerFeature { Name = "group.version", MinSupportedVersion = 0, MaxSupportedVersion = 0 }] }]);
        Assert.Equal(ErrorCode.InvalidUpdateVersion, Update("group.version", 1, 1));
    }

    [Fact]
    public void Updates_take_effect_unless_they_are_only_checked()
    {
        Update("group.version", 0, 2);
        Assert.Equal(1, _fixture.Image.Features["group.version"]);
        Update("group.version", 0, 2, validateOnly: false);
        Assert.False(_fixture.Image.Features.ContainsKey("group.version"));
    }

    [Fact]
    public void A_new_cluster_has_the_features_of_its_release()
    {
        Assert.Equal(33, _fixture.Image.MetadataVersion);
        Assert.Equal(
            [("eligible.leader.replicas.version", 1), ("group.version", 1), ("metadata.version", 33), ("share.version", 2), ("streams.version", 1), ("transaction.version", 2)],
            _fixture.Image.Features.Select(f => (f.Key, (int)f.Value)));
    }

    [Theory]
    [InlineData("4.4", 33)]
    [InlineData("4.4-IV0", 31)]
    [InlineData("4.3", 30)]
    [InlineData("4.0-IV3", 25)]
    [InlineData("3.7-IV4", 19)]
    [InlineData("3.3-IV3", 7)]
    [InlineData("2.8", null)]
    public void Release_names_mean_levels(string name, int? level)
    {
        Assert.Equal((short?)level, FeatureCatalog.LevelOf(name));
        if (level is { } known && name.Contains("IV")) Assert.Equal(name, FeatureCatalog.NameOf((short)known));
    }
}
