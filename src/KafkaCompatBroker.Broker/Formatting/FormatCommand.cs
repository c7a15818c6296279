using KafkaCompatBroker.Coordination.Metadata;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Formatting;

/// <summary>The command format: what a cluster begins with, from the arguments, and the directories that get it.</summary>
internal static class FormatCommand
{
    public static void Run(CommandArguments given, NodeSettings node, TextWriter output, TimeProvider time)
    {
        var voters = Voters(given, node);
        var features = InitialFeatures.Decide(given.Value("release-version"), given.Values("feature"), node);
        var credentials = given.Values("add-scram");
        if (credentials.Count > 0 && features.MetadataVersion < ReleaseFeatures.Scram)
            throw new FormatFailure($"SCRAM is only supported in metadata.version {ReleaseFeatures.NameOf(ReleaseFeatures.Scram)} or later.");
        var plan = new FormatPlan(given.Value("cluster-id")!, node, features, voters, [.. BootstrapRecords.For(features.MetadataVersion, features.Levels), .. credentials.Select(ScramArgument.Parse)]);
        new DirectoryFormatter(output, time).Format(plan, given.Has("ignore-formatted"));
    }

    private static VoterSet? Voters(CommandArguments given, NodeSettings node)
    {
        var named = given.Value("initial-controllers");
        var isStandalone = given.Has("standalone");
        if (isStandalone && !node.IsController) throw new FormatFailure("You can only use --standalone on a controller.");
        if (node.HasStaticVoters && (isStandalone || named is not null))
            throw new FormatFailure("You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. If you want to use dynamic quorum, please remove controller.quorum.voters and specify controller.quorum.bootstrap.servers instead.");
        if (named is not null) return InitialControllers.Parse(named, node.ControllerListener);
        if (isStandalone) return InitialControllers.Standalone(node);
        if (node.IsController && !node.HasStaticVoters && !given.Has("no-initial-controllers"))
            throw new FormatFailure("Because controller.quorum.voters is not set on this controller, you must specify one of the following: --standalone, --initial-controllers, or --no-initial-controllers.");
        return null;
    }
}
