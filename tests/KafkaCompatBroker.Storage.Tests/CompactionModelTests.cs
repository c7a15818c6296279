using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Compaction;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>Random logs, compacted again and again, closed and killed in between: what a reader may count on holds every time.</summary>
public class CompactionModelTests
{
    private static readonly CompressionType[] Codecs = [CompressionType.None, CompressionType.Lz4, CompressionType.Zstd];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_latest_value_of_each_key_survives_and_offsets_never_change(int seed)
    {
        var random = new Random(seed);
        using var home = new TestDirectory();
        LogConfig config = TestLog.Config() with
        {
            SegmentBytes = 1_200, IsCompacted = true, IsDeleted = false, IndexIntervalBytes = 200, MinCleanableDirtyRatio = 0, DeleteRetentionMs = 5,
        };
        var model = new Model();
        for (int life = 0; life < 4; life++)
        {
            using TestLog test = TestLog.Open(home.Path, config);
            model.Check(test.Log);
            for (int round = 0; round < 3; round++)
            {
                Append(test, random, model, random.Next(60));
                test.Log.UpdateHighWatermark(test.Log.LogEndOffset);
                long nowMs = TestLog.NowMs + (life * 10) + (round * 3);
                var options = new CleanerOptions { DedupeBufferBytes = random.Next(20, 400) * KeyOffsets.SlotBytes };
                while (test.Store.CleanNext(options, nowMs))
                {
                    model.Check(test.Log);
                }

                model.CheckCompacted(test.Log);
            }

            if (random.Next(2) == 0)
            {
                test.Store.Close(clean: true);
            }
        }
    }

    private static void Append(TestLog test, Random random, Model model, int batches)
    {
        for (int at = 0; at < batches; at++)
        {
            bool isTransactional = random.Next(4) == 0;
            long producerId = isTransactional ? random.Next(10, 13) : random.Next(3) == 0 ? random.Next(20, 22) : -1;
            var records = new (string Key, string? Value)[random.Next(1, 6)];
            for (int record = 0; record < records.Length; record++)
            {
                records[record] = ($"key-{random.Next(25)}", random.Next(6) == 0 ? null : $"{model.Next++}:{new string('v', random.Next(40))}");
            }

            var options = new RecordBatchOptions { Codec = Codecs[random.Next(Codecs.Length)] };
            if (producerId >= 0)
            {
                int sequence = model.Sequences.GetValueOrDefault(producerId);
                options = options with { ProducerId = producerId, ProducerEpoch = 0, BaseSequence = sequence, IsTransactional = isTransactional };
                model.Sequences[producerId] = sequence + records.Length;
            }

            AppendOutcome outcome = test.Append(Keyed.Batch(options, records));
            Assert.Equal(ErrorCode.None, outcome.Error);
            bool commits = true;
            if (isTransactional)
            {
                commits = random.Next(2) == 0;
                Assert.Equal(ErrorCode.None, test.Append(Batches.Marker(commits, producerId, 0), origin: AppendOrigin.Coordinator).Error);
            }

            model.Appended(outcome.BaseOffset, records, commits);
        }
    }

    /// <summary>Everything that was ever appended and counts.</summary>
    private sealed class Model
    {
        private readonly Dictionary<long, (string Key, string? Value, bool Committed)> _byOffset = [];
        private readonly Dictionary<string, long> _latest = [];

        public int Next { get; set; }

        public Dictionary<long, int> Sequences { get; } = [];

        public void Appended(long baseOffset, (string Key, string? Value)[] records, bool committed)
        {
            for (int at = 0; at < records.Length; at++)
            {
                _byOffset[baseOffset + at] = (records[at].Key, records[at].Value, committed);
                if (committed)
                {
                    _latest[records[at].Key] = baseOffset + at;
                }
            }
        }

        public void Check(PartitionLog log)
        {
            Dictionary<long, Kept> left = Keyed.ReadAll(log).Where(record => record.Key is not null).ToDictionary(record => record.Offset);
            foreach (Kept record in left.Values)
            {
                Assert.Equal((record.Key, record.Value), (_byOffset[record.Offset].Key, _byOffset[record.Offset].Value));
            }

            foreach ((string key, long offset) in _latest)
            {
                Assert.True(_byOffset[offset].Value is null || left.ContainsKey(offset), $"{key} at {offset} is lost");
            }

            // A reader of committed records who comes late sees no value that was superseded or deleted as the last one of its key.
            AbortedTransaction[] aborted = [.. log.AbortedTransactions(0, long.MaxValue)];
            foreach (IGrouping<string, Kept> key in left.Values.Where(record => _byOffset[record.Offset].Committed).GroupBy(record => record.Key!))
            {
                Kept last = key.MaxBy(record => record.Offset)!;
                Assert.True(last.Offset == _latest[key.Key], $"{key.Key} seems to be {last} but is {_latest[key.Key]}");
            }

            foreach (Kept record in left.Values.Where(record => !_byOffset[record.Offset].Committed))
            {
                Assert.Contains(aborted, transaction => transaction.FirstOffset <= record.Offset && record.Offset < transaction.LastOffset);
            }

            foreach ((long producerId, int next) in Sequences)
            {
                Assert.Equal(next - 1, Assert.Single(log.Producers.Active(), producer => producer.ProducerId == producerId).LastSequence);
            }
        }

        public void CheckCompacted(PartitionLog log)
        {
            Assert.Equal(log.ActiveSegmentBaseOffset, Math.Max(log.CleanedUpTo, log.ActiveSegmentBaseOffset));
            long active = log.ActiveSegmentBaseOffset;
            List<Kept> clean = [.. Keyed.ReadAll(log).Where(record => record.Key is not null && record.Offset < log.CleanedUpTo)];
            Assert.Equal(clean.Count, clean.Select(record => record.Key).Distinct().Count());
            Assert.All(clean, record => Assert.True(_byOffset[record.Offset].Committed, $"{record} was aborted"));
            Assert.True(active >= log.CleanedUpTo);
        }
    }
}
