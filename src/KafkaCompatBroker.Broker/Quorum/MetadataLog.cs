using KafkaCompatBroker.Broker.Metadata;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Storage;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// The replicated log of the cluster's metadata (__cluster_metadata-0) on this node. Records are committed when they are synced on a
/// majority of voters. After a start the state machine gets the newest snapshot and, as the quorum confirms it, the log above it.
/// </summary>
public sealed class MetadataLog : IMetadataLog, IQuorumView, IDisposable
{
    private readonly MetadataLogOptions _options;
    private readonly MetadataLogFiles _files;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private RaftDriver? _driver;
    private bool _isClosed;

    private MetadataLog(MetadataLogOptions options, MetadataLogFiles files, TimeProvider time, ILogger logger)
    {
        (_options, _files, _time, _logger) = (options, files, time, logger);
        BootstrapRecords = files.Snapshots.ReadBootstrapRecords();
    }

    /// <summary>What formatting left for the first leader of a cluster to write; empty when the directory has nothing.</summary>
    public IReadOnlyList<IMessage> BootstrapRecords { get; }

    /// <summary>kraft.version: 0 with configured voters, 1 with voters in the log (KIP-853).</summary>
    public short KRaftVersion => _driver is { AreVotersRecorded: true } ? MetadataBatches.DynamicVotersVersion : (short)0;

    /// <summary>Completes when this node takes part in the quorum; faults when it cannot with what is on its disk.</summary>
    public Task Started => _driver?.Started ?? throw new InvalidOperationException("The metadata log is not started.");

    /// <summary>Completes when this node leads and the state machine has everything that was committed before; faults when it cannot.</summary>
    public Task Leading => _driver?.Leading ?? throw new InvalidOperationException("The metadata log is not started.");

    /// <summary>Opens the log in a log directory, creating it when it is missing.</summary>
    /// <exception cref="IOException">The directory failed.</exception>
    public static MetadataLog Open(MetadataLogOptions options, LogStore store, LogDirectory directory, TimeProvider time, ILogger logger)
    {
        var log = store.OpenMetadataLog(directory, options.Log);
        var snapshots = new SnapshotStore(directory.Store, log.DirectoryPath, time, logger);
        var files = new MetadataLogFiles(new RaftLogAdapter(log, snapshots, time), snapshots, new QuorumStateFile(directory.Store, log.DirectoryPath));
        return new MetadataLog(options, files, time, logger);
    }

    /// <summary>Begins to feed the state machine and to take part in the quorum.</summary>
    /// <param name="machine">Gets every committed record, on the log's own thread.</param>
    /// <param name="failed">Called once when the log failed for good: the node must stop.</param>
    /// <param name="transport">The way to the controllers; null on the only one.</param>
    public void Start(IMetadataStateMachine machine, Action<Exception> failed, RaftTransport? transport = null)
    {
        // Only voters, and those who may become one, tell where they listen.
        var options = _options.IsController && transport is not null ? _options with { Raft = _options.Raft with { Endpoints = transport.OwnEndpoints } } : _options;
        _driver = new RaftDriver(options, _files, machine, failed, new QuorumClock(_time), _logger) { Transport = transport };
        _driver.Start();
    }

    /// <summary>Appends records and completes when they are committed, which means durable, and applied here.</summary>
    /// <param name="records">Records in order, at least one, each with the version to write it in.</param>
    /// <param name="atomic">True when a reader must see all of them or none.</param>
    /// <param name="epoch">The epoch of this node's leadership in which they were decided.</param>
    /// <returns>Offset of the last record.</returns>
    /// <exception cref="NotLeaderException">This node does not lead in that epoch; or it ceased to, and the outcome is not known.</exception>
    public Task<long> AppendAsync(IReadOnlyList<(IMessage Record, short Version)> records, bool atomic, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfZero(records.Count, nameof(records));
        if (_driver is not { } driver || _isClosed) return Task.FromException<long>(new NotLeaderException("The metadata log is not running."));
        var append = new PendingAppend(ProposedBatch.Encode(records, atomic, _time.GetUtcNow().ToUnixTimeMilliseconds()), epoch);
        driver.Append(append);
        return append.Task;
    }

    /// <summary>First offset of the log; any thread.</summary>
    public long StartOffset => _files.Log.StartOffset;

    /// <summary>Answers a request of another node; any thread.</summary>
    /// <exception cref="NotLeaderException">The log is not running: the node starts or stops.</exception>
    internal Task<RaftResponse> AskAsync(Func<long, RaftMessage> request, int bytesMax = int.MaxValue) =>
        _driver is { } driver && !_isClosed ? driver.AskAsync(request, bytesMax) : Task.FromException<RaftResponse>(new NotLeaderException("The metadata log is not running."));

    /// <summary>Who leads, as this node sees it; any thread.</summary>
    public Leadership Leadership => _driver?.Leadership ?? new Leadership(0, QuorumStateRecord.NoLeader);

    /// <summary>Raises kraft.version as the leader; completes when that is appended. Any thread.</summary>
    public Task<KRaftVersionOutcome> UpgradeAsync(short kraftVersion, bool onlyCheck) =>
        _driver is { } driver && !_isClosed ? driver.UpgradeAsync(kraftVersion, onlyCheck) : Task.FromResult(new KRaftVersionOutcome(RaftError.NotLeaderOrFollower));

    /// <summary>The quorum as its leader sees it; null when this node does not lead. Any thread.</summary>
    public QuorumDescription? Describe() => _driver?.Describe();

    /// <summary>Stops taking part and closes the files; after a clean close the next start needs no recovery.</summary>
    public void Close(bool clean)
    {
        if (_isClosed) return;
        _isClosed = true;
        _driver?.Stop();
        _files.Log.Close(clean);
    }

    /// <summary>Closes in order.</summary>
    public void Dispose() => Close(clean: true);
}
