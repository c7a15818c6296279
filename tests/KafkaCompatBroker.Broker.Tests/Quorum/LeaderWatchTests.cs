using KafkaCompatBroker.Broker.Quorum;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Tests.Quorum;

public class LeaderWatchTests
{
    private readonly LeaderWatch _watch = new(1);
    private readonly RaftNode _node = new(
        new RaftOptions(new ReplicaKey(1, default)),
        new RaftLogState(0, 0, [], null, null, []),
        new QuorumStateRecord(5, 2, null),
        new VoterSet(((int[])[1, 2, 3]).Select(static id => new Voter(new ReplicaKey(id, default), [], 0, 0))),
        new Random(1),
        nowMs: 0);

    [Fact]
    public void A_leader_that_refuses_connections_is_taken_to_have_stopped()
    {
        Assert.Null(Note(isAnswered: false, 1000));
        Assert.Null(Note(isAnswered: false, 1020));
        Assert.Null(Note(isAnswered: false, 1040));
        EndQuorumEpochRequest farewell = Note(isAnswered: false, 1060)!;
        Assert.Equal((2, 5), (farewell.Source, farewell.Epoch));
        Assert.Equal([1, 3], farewell.PreferredSuccessors.Select(static one => one.Id));
    }

    [Fact]
    public void One_answer_gives_hope_again()
    {
        for (int round = 0; round < 20; round++)
        {
            Assert.Null(Note(isAnswered: false, round * 100));
            Assert.Null(Note(isAnswered: false, round * 100 + 40));
            Assert.Null(Note(isAnswered: true, round * 100 + 80));
        }
    }

    [Fact]
    public void A_node_that_cannot_reach_the_leader_asks_ever_more_seldom()
    {
        int farewells = 0;
        for (long nowMs = 0; nowMs < 20_000; nowMs += 20)
            if (Note(isAnswered: false, nowMs) is not null) farewells++;
        Assert.InRange(farewells, 5, 20);
    }

    private EndQuorumEpochRequest? Note(bool isAnswered, long nowMs)
    {
        FetchRequest fetch = new(1, 1, 2, new ReplicaKey(1, default), 5, default, 0, 500);
        return _watch.Note(fetch, new FetchResponse(1, 2, 1, isAnswered ? RaftError.None : RaftError.Disconnected, 5, 2), _node, nowMs);
    }
}
