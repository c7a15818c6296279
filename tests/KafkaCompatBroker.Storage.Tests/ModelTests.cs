using KafkaCompatBroker.Protocol.Messages;
using Xunit.Abstractions;

namespace KafkaCompatBroker.Storage.Tests;

/// <summary>Random histories against a plain list; a failure names its seed.</summary>
public class ModelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7, false)]
    [InlineData(8, false)]
    public void Any_history_reads_like_a_list(int seed, bool mapped = true)
    {
        var home = new TestDirectory();
        var history = new History(home, new Random(seed), mapped);
        try
        {
            for (int step = 0; step < 250; step++)
            {
                history.Step();
                history.Check();
            }
        }
        catch
        {
            output.WriteLine($"seed {seed}: {string.Join(' ', history.Done.TakeLast(40))}");
            throw;
        }
        finally
        {
            history.Dispose();
        }
    }

    private sealed class History : IDisposable
    {
        private readonly LogConfig _config;
        private readonly Random _random;
        private readonly List<(long FirstOffset, string[] Values, long TimestampMs)> _batches = [];
        private TestDirectory _home;
        private TestLog _test;
        private long _start;
        private long _end;
        private long _clockMs = 1_000;

        public History(TestDirectory home, Random random, bool mapped)
        {
            _config = TestLog.Config() with { SegmentBytes = 3_000, IndexIntervalBytes = 200, FileDeleteDelayMs = 0, IsPreallocated = mapped };
            _home = home;
            _random = random;
            _test = TestLog.Open(home.Path, _config);
        }

        public List<string> Done { get; } = [];

        public void Step()
        {
            switch (_random.Next(20))
            {
                case < 12:
                    Append();
                    break;
                case 12:
                    Truncate();
                    break;
                case 13:
                    AdvanceStart();
                    break;
                case 14:
                    Did("flush");
                    _test.Log.Flush();
                    break;
                case 15:
                    Restart(clean: true);
                    break;
                case 16:
                    Restart(clean: false);
                    break;
                case 17:
                    Did("clean-up");
                    _test.Log.UpdateHighWatermark(_end);
                    _test.Log.DeleteOldSegments(TestLog.NowMs);
                    break;
                case 18:
                    Did("tick");
                    _test.Store.Tick(TestLog.NowMs + _random.Next(400_000));
                    break;
                default:
                    Append();
                    break;
            }
        }

        public void Check()
        {
            Assert.Equal((_start, _end), (_test.Log.LogStartOffset, _test.Log.LogEndOffset));
            List<(long Offset, string Value)> all = Records();
            long from = _start + _random.NextInt64(_end - _start + 1);
            Assert.Equal(all.Where(record => record.Offset >= from), TestLog.ReadAll(_test.Log, from, _random.Next(1, 4_000)));

            long timestampMs = 990 + _random.NextInt64(_clockMs - 980);
            var expected = _batches.Where(batch => batch.TimestampMs >= timestampMs).Select(batch => (long?)Math.Max(batch.FirstOffset, _start));
            Assert.Equal(expected.FirstOrDefault(), _test.Log.FindByTimestamp(timestampMs)?.Offset);
        }

        public void Dispose()
        {
            _test.Dispose();
            _home.Dispose();
        }

        private List<(long Offset, string Value)> Records()
            => [.. _batches.SelectMany(batch => batch.Values.Select((value, at) => (batch.FirstOffset + at, value))).Where(record => record.Item1 >= _start)];

        private void Append()
        {
            string[] values = [.. Enumerable.Range(0, _random.Next(1, 6)).Select(at => $"{_end + at}:{new string('v', _random.Next(300))}")];
            _clockMs += _random.Next(20);
            Did($"append {values.Length}");
            AppendOutcome outcome = _test.Append(Batches.At(_clockMs, values));
            Assert.Equal((ErrorCode.None, _end), (outcome.Error, outcome.BaseOffset));
            _batches.Add((_end, values, _clockMs));
            _end += values.Length;
        }

        private void Truncate()
        {
            long offset = _start + _random.NextInt64(_end - _start + 1);
            Did($"truncate {offset}");
            _test.Log.TruncateTo(offset, TestLog.NowMs);
            _batches.RemoveAll(batch => batch.FirstOffset + batch.Values.Length > offset);
            _end = _test.Log.LogEndOffset;
            Assert.Equal(_batches.Count == 0 ? Math.Min(_end, offset) : _batches[^1].FirstOffset + _batches[^1].Values.Length, _end);
            _start = Math.Min(_start, _end);
        }

        private void AdvanceStart()
        {
            long offset = _start + _random.NextInt64(_end - _start + 1);
            Did($"start {offset}");
            _test.Log.UpdateHighWatermark(_end);
            Assert.True(_test.Log.AdvanceLogStartOffset(offset));
            _start = offset;
            _batches.RemoveAll(batch => batch.FirstOffset + batch.Values.Length <= offset);
        }

        private void Restart(bool clean)
        {
            Did(clean ? "close" : "kill");
            if (clean)
            {
                _test.Store.Close(clean: true);
                _test = TestLog.Open(_home.Path, _config);
                return;
            }

            // The log start offset of a crash image is that of the last checkpoint.
            _test.Store.Tick(TestLog.NowMs + 100_000_000);
            TestDirectory image = TestDirectory.CrashImageOf(_home.Path);
            Dispose();
            _home = image;
            _test = TestLog.Open(image.Path, _config);
        }

        private void Did(string what) => Done.Add(what);
    }
}
