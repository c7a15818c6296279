using System.Text.Json;
using KafkaCompatBroker.Coordination.Groups.Assignors;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Tests.Groups.Consumer;

public sealed class AssignorTests
{
    private sealed record Vector(string Assignor, AssignorGroup Group, Dictionary<string, PartitionsByTopic> Result);

    [Fact]
    public void Range_gives_what_Kafka_gives()
    {
        foreach (Vector vector in Vectors("range"))
        {
            IReadOnlyDictionary<string, PartitionsByTopic> actual = new RangeAssignor().Assign(vector.Group);
            Assert.Equal(vector.Result.Count, actual.Count);
            foreach ((string member, PartitionsByTopic partitions) in vector.Result) Assert.Equal(partitions, actual[member]);
        }
    }

    [Fact]
    public void Uniform_is_as_even_and_as_sticky_as_Kafka()
    {
        foreach (Vector vector in Vectors("uniform"))
        {
            IReadOnlyDictionary<string, PartitionsByTopic> actual = new UniformAssignor().Assign(vector.Group);
            AssertComplete(vector.Group, actual);
            Assert.True(Unevenness(actual) <= Unevenness(vector.Result));
            if (Unevenness(actual) == Unevenness(vector.Result)) Assert.True(Kept(vector.Group, actual) >= Kept(vector.Group, vector.Result));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Uniform_assigns_everything_and_settles(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 300; i++)
        {
            AssignorGroup group = RandomGroup(random);
            IReadOnlyDictionary<string, PartitionsByTopic> first = new UniformAssignor().Assign(group);
            AssertComplete(group, first);
            AssignorGroup again = group with { Members = [.. group.Members.Select(member => member with { Target = first[member.MemberId] })] };
            IReadOnlyDictionary<string, PartitionsByTopic> second = new UniformAssignor().Assign(again);
            foreach (AssignorMember member in group.Members) Assert.Equal(first[member.MemberId], second[member.MemberId]);
        }
    }

    [Fact]
    public void Uniform_moves_only_what_a_new_member_needs()
    {
        Uuid topic = new(1, 1);
        AssignorMember Member(string id, PartitionsByTopic target) => new(id, null, new HashSet<Uuid> { topic }, target);
        AssignorGroup group = new(
            [
                Member("a", PartitionsByTopic.Of([(topic, 0), (topic, 1), (topic, 2), (topic, 3)])),
                Member("b", PartitionsByTopic.Of([(topic, 4), (topic, 5), (topic, 6)])),
                Member("new", PartitionsByTopic.Empty),
            ],
            static _ => 7);
        IReadOnlyDictionary<string, PartitionsByTopic> result = new UniformAssignor().Assign(group);
        Assert.Equal([2, 2, 3], result.Values.Select(static partitions => partitions.Count).Order());
        Assert.Equal(5, Kept(group, result));
    }

    private static AssignorGroup RandomGroup(Random random)
    {
        Dictionary<Uuid, int> counts = Enumerable.Range(1, random.Next(1, 6)).ToDictionary(static id => new Uuid(0, (ulong)id), _ => random.Next(0, 12));
        AssignorMember[] members = [.. Enumerable.Range(0, random.Next(1, 8)).Select(index => new AssignorMember(
            $"m{index}", null, counts.Keys.Where(_ => random.Next(3) > 0).ToHashSet(), RandomTarget()))];
        return new(members, topic => counts[topic]);

        PartitionsByTopic RandomTarget() => PartitionsByTopic.Of(counts
            .SelectMany(static entry => Enumerable.Range(0, entry.Value + 1).Select(partition => (entry.Key, partition)))
            .Where(_ => random.Next(4) == 0));
    }

    private static void AssertComplete(AssignorGroup group, IReadOnlyDictionary<string, PartitionsByTopic> result)
    {
        Assert.Equal(group.Members.Count, result.Count);
        HashSet<(Uuid, int)> seen = [];
        foreach (AssignorMember member in group.Members)
            foreach ((Uuid topic, int[] partitions) in result[member.MemberId].Topics)
            {
                Assert.Contains(topic, member.Topics);
                foreach (int partition in partitions) Assert.True(seen.Add((topic, partition)));
            }

        Assert.Equal(group.Members.SelectMany(static member => member.Topics).Distinct().Sum(topic => group.PartitionCount(topic)), seen.Count);
    }

    private static long Unevenness(IReadOnlyDictionary<string, PartitionsByTopic> result) =>
        result.Values.Sum(static partitions => (long)partitions.Count * partitions.Count);

    private static int Kept(AssignorGroup group, IReadOnlyDictionary<string, PartitionsByTopic> result) => group.Members.Sum(member =>
        result[member.MemberId].Topics.Sum(topic => topic.Partitions.Count(partition => member.Target.Contains(topic.Topic, partition))));

    private static List<Vector> Vectors(string assignor)
    {
        using Stream stream = typeof(AssignorTests).Assembly.GetManifestResourceStream("Golden.assignments.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        return [.. document.RootElement.EnumerateArray()
            .Where(vector => vector.GetProperty("assignor").GetString() == assignor)
            .Select(static vector => Read(vector))];
    }

    private static Vector Read(JsonElement vector)
    {
        Dictionary<Uuid, int> counts = vector.GetProperty("topics").EnumerateObject().ToDictionary(static topic => Uuid.Parse(topic.Name), static topic => topic.Value.GetInt32());
        AssignorMember[] members = [.. vector.GetProperty("members").EnumerateArray().Select(static member => new AssignorMember(
            member.GetProperty("memberId").GetString()!,
            member.GetProperty("instanceId").GetString(),
            member.GetProperty("topics").EnumerateArray().Select(static topic => Uuid.Parse(topic.GetString()!)).ToHashSet(),
            Partitions(member.GetProperty("owned"))))];
        return new(
            vector.GetProperty("assignor").GetString()!,
            new AssignorGroup(members, topic => counts[topic]),
            vector.GetProperty("result").EnumerateObject().ToDictionary(static member => member.Name, static member => Partitions(member.Value)));
    }

    private static PartitionsByTopic Partitions(JsonElement topics) => PartitionsByTopic.Of(topics.EnumerateObject()
        .Select(static topic => (Uuid.Parse(topic.Name), topic.Value.EnumerateArray().Select(static partition => partition.GetInt32()))));
}
