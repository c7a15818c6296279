using System.Xml.Linq;

namespace KafkaCompatBroker.Tidy.Tests;

public sealed class ReferenceGraphTests
{
    /// <summary>Who may reference whom: one way, siblings never meet.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Protocol.Generator"] = [],
        ["Protocol"] = ["Protocol.Generator"],
        ["Network"] = [],
        ["Raft"] = [],
        ["Storage"] = ["Protocol"],
        ["Coordination"] = ["Protocol"],
        ["Broker"] = ["Protocol", "Network", "Storage", "Raft", "Coordination"],
        ["Host"] = ["Broker"],
    };

    /// <summary>Packages of pure projects at run time. IronSnappy is managed code without input or output of its own.</summary>
    private static readonly Dictionary<string, string[]> PurePackages = new()
    {
        ["Protocol"] = ["IronSnappy"],
        ["Raft"] = [],
        ["Coordination"] = [],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Fact]
    public void The_projects_under_src_are_the_known_ones() =>
        Assert.Equal(Allowed.Keys.Order(), Repository.FindFiles("*.csproj", "src").Select(ShortName).Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_it_may(string project)
    {
        IEnumerable<string> references = Items(project, "ProjectReference").Select(ShortName);

        Assert.Empty(references.Except(Allowed[project]));
    }

    [Theory]
    [InlineData("Protocol")]
    [InlineData("Raft")]
    [InlineData("Coordination")]
    public void A_pure_project_brings_no_packages(string project) =>
        Assert.Empty(Items(project, "PackageReference").Except(PurePackages[project]));

    [Theory]
    [InlineData("P:System.DateTime.UtcNow")]
    [InlineData("T:System.Diagnostics.Stopwatch")]
    [InlineData("P:System.Random.Shared")]
    [InlineData("T:System.Threading.Tasks.Task")]
    [InlineData("T:System.Threading.Thread")]
    [InlineData("T:System.Threading.Lock")]
    [InlineData("T:System.IO.File")]
    [InlineData("T:System.Net.Sockets.Socket")]
    [InlineData("T:Microsoft.Extensions.Logging.ILogger")]
    public void Pure_projects_may_not_use(string symbol) =>
        Assert.Contains(Repository.Read("src/BannedSymbols.txt").Split('\n'), line => line.StartsWith(symbol + ";", StringComparison.Ordinal));

    [Theory]
    [InlineData("Protocol")]
    [InlineData("Raft")]
    [InlineData("Coordination")]
    public void The_ban_is_switched_on_for_every_pure_project(string project)
    {
        Assert.Contains($"'KafkaCompatBroker.{project}'", Repository.Read("Directory.Build.props"), StringComparison.Ordinal);
        string targets = Repository.Read("Directory.Build.targets");
        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", targets, StringComparison.Ordinal);
        Assert.Contains("src/BannedSymbols.txt", targets, StringComparison.Ordinal);
        Assert.Contains("<TreatWarningsAsErrors>true</TreatWarningsAsErrors>", Repository.Read("Directory.Build.props"), StringComparison.Ordinal);
        IEnumerable<string> switchedOff = Repository.ProductSources
            .Where(file => file.Path.StartsWith($"src/KafkaCompatBroker.{project}/", StringComparison.Ordinal))
            .Where(file => file.Text.Contains("#pragma warning disable RS0030", StringComparison.Ordinal))
            .Select(file => file.Path);
        Assert.Empty(switchedOff);
    }

    [Fact]
    public void Package_versions_are_in_one_place()
    {
        IEnumerable<string> versioned = Repository.FindFiles("*.csproj", "src", "tests", "benchmarks")
            .Where(path => XDocument.Parse(Repository.Read(path)).Descendants("PackageReference").Any(item => item.Attribute("Version") is not null));

        Assert.Empty(versioned);
    }

    private static IEnumerable<string> Items(string project, string kind) => XDocument
        .Parse(Repository.Read($"src/KafkaCompatBroker.{project}/KafkaCompatBroker.{project}.csproj"))
        .Descendants(kind)
        .Where(item => (string?)item.Attribute("PrivateAssets") != "all")
        .Select(item => item.Attribute("Include")!.Value);

    private static string ShortName(string path) =>
        Path.GetFileNameWithoutExtension(path).Replace("KafkaCompatBroker.", "", StringComparison.Ordinal);
}
