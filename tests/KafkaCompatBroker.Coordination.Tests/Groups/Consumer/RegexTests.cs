using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Simulation.Groups;
using static KafkaCompatBroker.Simulation.Groups.ConsumerRun;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Consumer;

public sealed class RegexTests
{
    private static readonly string[] Names = ["a", "b", "ab", "aab", "a.b", "a-b", "a_b", "A", "t1", "t22", "Test", "test", "a1b2", "1"];

    private readonly ConsumerRun _run = new();

    [Theory]
    [InlineData("a.*", "a ab aab a.b a-b a_b a1b2")]
    [InlineData("a", "a")]
    [InlineData("a|b", "a b")]
    [InlineData("a+b", "ab aab")]
    [InlineData("a{2}b", "aab")]
    [InlineData("a{1,2}b?", "a ab aab")]
    [InlineData(@"a\.b", "a.b")]
    [InlineData(@"a\Q.\Eb", "a.b")]
    [InlineData("[a-c]", "a b")]
    [InlineData("[^a]", "b A 1")]
    [InlineData("[[:upper:]].*", "A Test")]
    [InlineData(@"\pL+", "a b ab aab A Test test")]
    [InlineData(@"[\d]", "1")]
    [InlineData(@"a[\W]b", "a.b a-b")]
    [InlineData("(?i)test", "Test test")]
    [InlineData("(?i:T)est", "Test test")]
    [InlineData("(?P<name>t)(?:1|22)", "t1 t22")]
    [InlineData("^test$", "test")]
    [InlineData("[]a]", "a")]
    [InlineData("[a-]b|a{x", "ab")]
    [InlineData(@"\x61", "a")]
    [InlineData(@"(a|t)\w*\d", "t1 t22 a1b2")]
    public void Matches_whole_names(string regex, string expected)
    {
        foreach (string name in Names) _run.SetTopic(name, 1);
        Assert.Equal("1 ", _run.Text(Subscribe("m1", regex)));
        _run.Text(Beat("m1", 1));
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), _run.Describe().Members[0].TargetAssignment.TopicPartitions.Select(static topic => topic.TopicName).Order());
    }

    [Theory]
    [InlineData("[")]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("a)")]
    [InlineData("*")]
    [InlineData("a**")]
    [InlineData("a+*")]
    [InlineData("a{2,1}")]
    [InlineData("a{1001}")]
    [InlineData("[b-a]")]
    [InlineData("[[:nothing:]]")]
    [InlineData("(?=a)b")]
    [InlineData("(?<=a)b")]
    [InlineData("(?<!a)b")]
    [InlineData("(?!a)b")]
    [InlineData("(?>a)b")]
    [InlineData(@"(a)\1")]
    [InlineData(@"\")]
    [InlineData(@"\Z")]
    [InlineData(@"\p{")]
    [InlineData(@"\pX")]
    [InlineData(@"\x{110000}")]
    [InlineData("(?P<>a)")]
    [InlineData("(?x)a")]
    [InlineData("((a{1000}){1000}){1000}")]
    public void Refuses_what_RE2_refuses(string regex) => Assert.Equal("InvalidRegularExpression", _run.Text(Subscribe("m1", regex)));

    [Fact]
    public void Long_names_do_not_slow_down_a_hostile_expression()
    {
        _run.SetTopic(new string('a', 249), 1);
        _run.Text(Subscribe("m1", "(a*)*(a*)*(a*)*b"));
        Assert.Equal("1 -", _run.Text(Beat("m1", 1)));
    }

    [Fact]
    public void New_topics_are_found_by_a_later_heartbeat()
    {
        Uuid first = _run.SetTopic("t1", 1);
        Assert.Equal("1 ", _run.Text(Subscribe("m1", "t.*")));
        Assert.Equal($"2 {first.Low}[0]", _run.Text(Beat("m1", 1)));
        Uuid second = _run.SetTopic("t2", 1);

        // Not before ten seconds have passed, and only after the heartbeat that asks for it.
        Assert.Equal("2 -", _run.Text(Beat("m1", 2)));
        _run.Advance(11_000);
        Assert.Equal("2 -", _run.Text(Beat("m1", 2)));
        Assert.Equal($"3 {first.Low}[0] {second.Low}[0]", _run.Text(Beat("m1", 2)));
        string dump = _run.Dump();
        _run.Reload();
        Assert.Equal(dump, _run.Dump());
    }

    [Fact]
    public void Members_with_the_same_expression_share_its_topics()
    {
        _run.SetTopic("t1", 2);
        _run.Text(Subscribe("m1", "t.*"));
        _run.Text(Beat("m1", 1));
        Assert.Equal("3 ", _run.Text(Subscribe("m2", "t.*")));
        _run.Text(Leave("m1"));
        Assert.Equal("4 1[0,1]", _run.Text(Beat("m2", 3)));
        ConsumerGroupHeartbeatRequest names = Beat("m2", 4, (new Uuid(0, 1), [0, 1]));
        names.SubscribedTopicRegex = "";
        Assert.Equal("4 ", _run.Text(names));
        _run.Reload();
        Assert.Equal("", _run.Describe().Members[0].SubscribedTopicRegex);
        Assert.Equal("5 -", _run.Text(Beat("m2", 4)));
    }

    private static ConsumerGroupHeartbeatRequest Subscribe(string memberId, string regex)
    {
        ConsumerGroupHeartbeatRequest request = Join(memberId);
        request.SubscribedTopicNames = null;
        request.SubscribedTopicRegex = regex;
        return request;
    }
}
