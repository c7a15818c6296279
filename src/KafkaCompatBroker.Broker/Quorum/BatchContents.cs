using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Wire;
using KafkaCompatBroker.Raft;

namespace KafkaCompatBroker.Broker.Quorum;

/// <summary>What one batch of the metadata log or of a snapshot holds, decoded; nothing in it refers to the bytes it came from.</summary>
/// <param name="BaseOffset">Offset of the first record.</param>
/// <param name="NextOffset">Offset after the last record.</param>
/// <param name="Epoch">Leader epoch.</param>
/// <param name="TimestampMs">Largest timestamp of the records.</param>
/// <param name="SizeBytes">Bytes of the batch.</param>
/// <param name="Records">Metadata records; empty in a control batch.</param>
/// <param name="KRaftVersion">The kraft.version that a control record in the batch sets.</param>
/// <param name="Voters">The voters that a control record in the batch names, and its offset.</param>
/// <param name="Header">Whether the batch begins a snapshot.</param>
/// <param name="Footer">Whether the batch ends a snapshot.</param>
internal sealed record BatchContents(
    long BaseOffset,
    long NextOffset,
    int Epoch,
    long TimestampMs,
    int SizeBytes,
    IReadOnlyList<IMessage> Records,
    short? KRaftVersion,
    (long Offset, VoterSet Voters)? Voters,
    SnapshotHeaderRecord? Header,
    bool Footer)
{
    /// <summary>Decodes a batch whose checksum is known to be right.</summary>
    /// <exception cref="WireFormatException">A record is not one that this release knows.</exception>
    public static BatchContents Decode(RecordBatchView batch)
    {
        var records = new List<IMessage>(batch.IsControl ? 0 : Math.Clamp(batch.RecordCount, 0, batch.SizeInBytes));
        var values = new ValueCopies(batch.SizeInBytes);
        short? kraftVersion = null;
        (long, VoterSet)? voters = null;
        SnapshotHeaderRecord? header = null;
        var footer = false;
        using var reader = new RecordReader(batch);
        while (reader.MoveNext())
        {
            var record = reader.Current;
            ReadOnlyMemory<byte> value = values.Add(record.Value);
            if (!batch.IsControl)
            {
                records.Add(MetadataRecordFrame.Read(value));
                continue;
            }
            switch (ControlRecords.ReadType(record))
            {
                case ControlRecordType.KRaftVersion: kraftVersion = Read<KRaftVersionRecord>(value).KRaftVersion; break;
                case ControlRecordType.KRaftVoters: voters = (record.Offset, VoterRecords.FromRecord(Read<VotersRecord>(value))); break;
                case ControlRecordType.SnapshotHeader: header = Read<SnapshotHeaderRecord>(value); break;
                case ControlRecordType.SnapshotFooter: footer = true; break;
            }
        }
        return new BatchContents(batch.BaseOffset, batch.NextOffset, batch.PartitionLeaderEpoch, batch.MaxTimestamp, batch.SizeInBytes, records, kraftVersion, voters, header, footer);
    }

    private static T Read<T>(ReadOnlyMemory<byte> value)
        where T : IMessage<T>
    {
        var reader = new WireReader(value);
        return T.Read(ref reader, T.LowestVersion);
    }

    /// <summary>Copies of the values of a batch, in few arrays instead of one for each of very many records.</summary>
    private struct ValueCopies(int expectedBytes)
    {
        private byte[] _room = [];
        private int _used;

        public ReadOnlyMemory<byte> Add(ReadOnlySpan<byte> value)
        {
            if (value.Length > _room.Length - _used) (_room, _used) = (new byte[Math.Max(value.Length, expectedBytes)], 0);
            Memory<byte> copy = _room.AsMemory(_used, value.Length);
            value.CopyTo(copy.Span);
            _used += value.Length;
            return copy;
        }
    }
}
