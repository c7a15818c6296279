using System.Text.Json;
using System.Text.RegularExpressions;

namespace KafkaCompatBroker.Tidy.Tests;

public sealed partial class HandlerTests
{
    private const string Handlers = "src/KafkaCompatBroker.Broker/Handlers/";

    /// <summary>APIs that have a spec and no handler yet: a list that only becomes shorter.</summary>
    private const string NotServedYet = "tests/KafkaCompatBroker.Tidy.Tests/apis-not-served-yet.txt";

    [Fact]
    public void Every_api_is_served_or_listed_as_not_served_yet()
    {
        HashSet<string> served = [.. Served().Select(handler => handler.Api)];
        HashSet<string> listed = [.. Listed()];

        Assert.Empty(Specs().Except(served).Except(listed));
        Assert.Empty(listed.Intersect(served));
        Assert.Empty(listed.Except(Specs()));
    }

    [Fact]
    public void Every_handler_has_a_spec() => Assert.Empty(Served().Select(handler => handler.Api).Except(Specs()));

    [Fact]
    public void Every_handler_is_registered() => Assert.Empty(
        from handler in Served()
        where !Repository.ProductSources.Any(file =>
            file.Path.StartsWith("src/KafkaCompatBroker.Broker/", StringComparison.Ordinal)
            && file.Path != handler.Path
            && Regex.IsMatch(file.Text, $@"\bnew {handler.Type}\s*[(<]"))
        select handler.Type);

    [Fact]
    public void Handlers_are_one_api_a_file_named_after_it()
    {
        IEnumerable<string> wrong =
            from handler in Served()
            where Path.GetFileNameWithoutExtension(handler.Path) != handler.Api + "Handler" || handler.Type != handler.Api + "Handler"
            select $"{handler.Path}: {handler.Type} serves {handler.Api}";

        Assert.Empty(wrong);
    }

    private static IEnumerable<string> Specs() => Repository.FindFiles("*.json", "protocol-specs/rpc")
        .Select(path => JsonDocument.Parse(Repository.Read(path)).RootElement)
        .Where(spec => spec.GetProperty("versions").GetString() != "none")
        .Select(spec => spec.GetProperty("name").GetString()!);

    private static IEnumerable<string> Listed() => Repository.Read(NotServedYet).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<(string Path, string Type, string Api)> Served() =>
        from file in Repository.ProductSources
        where file.Path.StartsWith(Handlers, StringComparison.Ordinal)
        from Match match in Handler().Matches(file.Text)
        select (file.Path, match.Groups["type"].Value, match.Groups["api"].Value);

    [GeneratedRegex(@"class (?<type>\w+)[^{;]*?IRequestHandler<(?<api>\w+)Request,", RegexOptions.Singleline)]
    private static partial Regex Handler();
}
