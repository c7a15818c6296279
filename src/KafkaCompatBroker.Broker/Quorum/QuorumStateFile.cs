using System.Text.Json;
using KafkaCompatBroker.Protocol.Types;
using KafkaCompatBroker.Raft;
using KafkaCompatBroker.Storage.Files;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>
/// The file quorum-state, in the JSON that Kafka writes: data_version 0 with static voters, 1 once voters stand in the log (KIP-853).
/// Replaced atomically and synced before it counts.
/// </summary>
internal sealed class QuorumStateFile(IFileStore store, string directory)
{
    public const string FileName = "quorum-state";

    private const int NobodyId = -1;
    private readonly string _path = Path.Combine(directory, FileName);

    /// <summary>What is remembered of elections; null when there was none yet.</summary>
    /// <exception cref="FormatException">The file is damaged; guessing could mean a second vote in one epoch.</exception>
    public QuorumStateRecord? Read()
    {
        if (store.ReadAll(_path) is not { Length: > 0 } content) return null;
        // The process before may have ended between the renaming and its sync: what is read here must not be forgotten with the power.
        store.SyncDirectory(directory);
        try
        {
            using var json = JsonDocument.Parse(content);
            var root = json.RootElement;
            var version = root.GetProperty("data_version").GetInt32();
            if (version is < 0 or > 1) throw new FormatException($"{_path} has data_version {version}; 0 and 1 are known.");
            var votedId = root.GetProperty("votedId").GetInt32();
            var directoryId = version >= 1 && root.TryGetProperty("votedDirectoryId", out var text) ? Uuid.Parse(text.GetString()!) : Uuid.Zero;
            return new QuorumStateRecord(
                root.GetProperty("leaderEpoch").GetInt32(),
                root.GetProperty("leaderId").GetInt32(),
                votedId == NobodyId ? null : new ReplicaKey(votedId, VoterRecords.ToDirectoryId(directoryId)));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"{_path} is damaged: {e.Message}", e);
        }
    }

    /// <summary>Writes the state durably.</summary>
    /// <param name="state">What to remember.</param>
    /// <param name="staticVoters">The configured voters, null when voters stand in the log.</param>
    public void Write(QuorumStateRecord state, VoterSet? staticVoters) => store.Replace(_path, Encode(state, staticVoters), durable: true);

    private static byte[] Encode(QuorumStateRecord state, VoterSet? staticVoters)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (staticVoters is not null) json.WriteString("clusterId", "");
            json.WriteNumber("leaderId", state.LeaderId);
            json.WriteNumber("leaderEpoch", state.LeaderEpoch);
            json.WriteNumber("votedId", state.Voted?.Id ?? NobodyId);
            if (staticVoters is null) json.WriteString("votedDirectoryId", VoterRecords.ToUuid(state.Voted?.DirectoryId ?? DirectoryId.Zero).ToString());
            else WriteVoters(json, staticVoters);
            json.WriteNumber("data_version", staticVoters is null ? 1 : 0);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static void WriteVoters(Utf8JsonWriter json, VoterSet voters)
    {
        json.WriteNumber("appliedOffset", 0);
        json.WriteStartArray("currentVoters");
        foreach (var id in voters.Ids)
        {
            json.WriteStartObject();
            json.WriteNumber("voterId", id);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
