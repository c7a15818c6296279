using System.Globalization;

namespace KafkaCompatBroker.Raft.Tests;

/// <summary>
/// Runs a script: one command a line, `#` starts a comment. Scripts/README.txt lists the commands. A failed expectation names file and line.
/// </summary>
internal sealed class ScriptRunner(string name)
{
    private SimulatedQuorum? _quorum;

    private SimulatedQuorum Quorum => _quorum ?? throw new InvalidOperationException("A script starts with `voters`.");

    public void Run(IEnumerable<string> lines)
    {
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var words = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            try
            {
                Execute(words);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new Xunit.Sdk.XunitException($"{name}:{number}: {line.Trim()}\n{e.Message}\n{Picture()}", e);
            }
        }
    }

    private void Execute(string[] words)
    {
        switch (words[0])
        {
            case "voters" or "recorded-voters":
                _quorum = new SimulatedQuorum(Ids(words[1..].TakeWhile(word => word != "observers")), Ids(words.SkipWhile(word => word != "observers").Skip(1)), seed: 1, words[0] == "recorded-voters");
                break;
            case "joins-by-itself": Quorum.Nodes[Id(words[1])].JoinsByItself = true; break;
            case "moves": Quorum.Nodes[Id(words[1])].Port++; break;
            case "add-voter": Quorum.Ask(Id(words[1]), correlationId => new AddVoterRequest(correlationId, -1, Id(words[1]), Key(words[2]), Endpoints(words[2]), AnswerWhenCommitted: true)); break;
            case "remove-voter": Quorum.Ask(Id(words[1]), correlationId => new RemoveVoterRequest(correlationId, -1, Id(words[1]), Key(words[2]))); break;
            case "upgrade": Expect(words[2], Node(words[1]).UpgradeKRaftVersion(1, onlyCheck: false, Quorum.NowMs).Error.ToString()); Quorum.Drive(Id(words[1])); break;
            case "snapshot": Quorum.Nodes[Id(words[1])].TakeSnapshot(Id(words[2])); break;
            case "wipe": Quorum.Nodes[Id(words[1])].Wipe(); break;
            case "log": GiveLog(Id(words[1]), words[2..]); break;
            case "state": Quorum.Nodes[Id(words[1])].Disk.QuorumState = new QuorumStateRecord(Id(words[2]), Id(words[3]), null); break;
            case "start": ForEach(words[1..], Quorum.Start); break;
            case "kill": ForEach(words[1..], id => Quorum.Stop(id, isLossy: false)); break;
            case "power-loss": ForEach(words[1..], id => Quorum.Stop(id, isLossy: true)); break;
            case "elapse": Quorum.Elapse(Id(words[1])); break;
            case "propose": Expect(true, Quorum.Propose(Id(words[1]), Id(words[2]))); break;
            case "refuse-propose": Expect(false, Quorum.Propose(Id(words[1]), 1)); break;
            case "resign": Quorum.Resign(Id(words[1])); break;
            case "hold-disk": Quorum.Nodes[Id(words[1])].IsDiskHeld = true; break;
            case "release-disk": Quorum.ReleaseDisk(Id(words[1])); break;
            case "isolate": ForEach(words[1..], id => ForOthers(id, other => { Quorum.Cut(id, other); Quorum.Cut(other, id); })); break;
            case "cut": Quorum.Cut(Id(words[1]), Id(words[2])); break;
            case "heal": Quorum.Heal(); break;
            case "expect": ExpectFact(words[1..]); break;
            default: throw new InvalidOperationException($"No command {words[0]}.");
        }
    }

    private void ExpectFact(string[] words)
    {
        switch (words[0])
        {
            case "leader": Expect(words[1], string.Join(' ', Quorum.Leaders.Select(node => node.Id))); break;
            case "no-leader": Expect("", string.Join(' ', Quorum.Leaders.Select(node => node.Id))); break;
            case "role": Expect(words[2], Node(words[1]).Role.ToString().ToLowerInvariant()); break;
            case "epoch": Expect(Id(words[2]), Node(words[1]).Epoch); break;
            case "follows": Expect(Id(words[2]), Node(words[1]).LeaderId); break;
            case "hw": Expect(Id(words[2]), Node(words[1]).HighWatermark); break;
            case "log": Expect(string.Join(' ', words[2..]), Quorum.Nodes[Id(words[1])].Disk.ToString()); break;
            case "same-log": Expect(1, words[1..].Select(id => Quorum.Nodes[Id(id)].Disk.ToString()).Distinct().Count()); break;
            case "voted":
                var state = Quorum.Nodes[Id(words[1])].Disk.QuorumState;
                Expect(words[2], state?.Voted is { } voted ? $"{voted.Id}@{state.LeaderEpoch}" : "nobody");
                break;
            case "saved": Expect($"{words[2]} {words[3]}", $"{Quorum.Nodes[Id(words[1])].Disk.QuorumState?.LeaderEpoch} {Quorum.Nodes[Id(words[1])].Disk.QuorumState?.LeaderId}"); break;
            case "voters": Expect(string.Join(' ', words[2..]), string.Join(' ', Node(words[1]).Voters.Ids)); break;
            case "answers": Expect(string.Join(' ', words[1..]), string.Join(' ', Quorum.Answers.Select(answer => answer.Error))); break;
            case "log-start": Expect(Id(words[2]), Quorum.Nodes[Id(words[1])].Disk.StartOffset); break;
            case "port": Expect(Id(words[3]), Node(words[1]).Voters.TryGet(Id(words[2]), out var voter) ? voter.Endpoints[0].Port : -1); break;
            case "kraft-version": Expect(Id(words[2]), Node(words[1]).AreVotersRecorded ? 1 : 0); break;
            default: throw new InvalidOperationException($"No fact {words[0]}.");
        }
    }

    /// <summary>`COUNTxEPOCH` words: that many single-record batches of the epoch, already synced.</summary>
    private void GiveLog(int id, string[] runs)
    {
        var disk = Quorum.Nodes[id].Disk;
        foreach (var run in runs)
        {
            var (count, epoch) = (Id(run.Split('x')[0]), Id(run.Split('x')[1]));
            for (var i = 0; i < count; i++) disk.Append([new RaftEntry(disk.EndOffset, 1, epoch, new byte[] { 1 })]);
        }
        disk.Flush();
    }

    private RaftNode Node(string id) => Quorum.Nodes[Id(id)].Node ?? throw new InvalidOperationException($"Node {id} is down.");

    /// <summary>The replica that a node is now; `ID/N` is what it was after N wipes.</summary>
    private ReplicaKey Key(string word) =>
        word.Split('/') is [var id, var wipes] ? new ReplicaKey(Id(id), new DirectoryId(7 + (ulong)Id(wipes), (ulong)Id(id))) : Quorum.Nodes[Id(word)].Key;

    private VoterEndpoint[] Endpoints(string word) => [new VoterEndpoint("CONTROLLER", "localhost", Quorum.Nodes[Id(word.Split('/')[0])].Port)];

    private void ForOthers(int id, Action<int> action)
    {
        foreach (var other in Quorum.Nodes.Keys.Where(other => other != id)) action(other);
    }

    private string Picture() => string.Join('\n', Quorum.Nodes.Values.Select(node =>
        $"  {node.Id} {node.Node?.Role.ToString() ?? "down"} epoch {node.Node?.Epoch} hw {node.Node?.HighWatermark} saved {node.Disk.QuorumState} log {node.Disk}"));

    private static void Expect<T>(T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual)) throw new InvalidOperationException($"expected {expected}, is {actual}");
    }

    private static void ForEach(IEnumerable<string> words, Action<int> action)
    {
        foreach (var id in Ids(words)) action(id);
    }

    private static int[] Ids(IEnumerable<string> words) => [.. words.Select(Id)];

    private static int Id(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
