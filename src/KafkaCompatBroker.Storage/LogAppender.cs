using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Storage.Policies;
using KafkaCompatBroker.Storage.Segments;

namespace KafkaCompatBroker.Storage;

/// <summary>Appends to one log and begins new segments. Called under the log's lock.</summary>
internal sealed class LogAppender
{
    private readonly LogState _log;
    private readonly Action _prepareAhead;
    private int _preparing;

    public LogAppender(LogState state)
    {
        _log = state;
        _prepareAhead = PrepareAhead;
    }

    /// <summary>Appends a validated batch of a client or coordinator unless producer state refuses it or has seen it.</summary>
    public AppendOutcome Append(in BatchValidation admitted, in AppendContext context)
    {
        long baseOffset = _log.LogEndOffset;
        long appendTimeMs = _log.Config.TimestampType == TimestampType.LogAppendTime ? context.NowMs : -1;
        _ = RecordBatchView.TryRead(admitted.Bytes.Span, out RecordBatchView view);
        ProducerBatch batch = default;
        if (view.HasProducerId)
        {
            batch = ProducerFacts.Of(view, baseOffset, appendTimeMs);
            ProducerChecks checks = new(context.Origin, _log.Config.VerifiesTransactions, context.Guard, context.MarkerVersion);
            ProducerVerdict verdict = _log.Producers.States.Check(batch, checks, out WrittenBatch first);
            if (verdict == ProducerVerdict.Duplicate)
            {
                return new AppendOutcome(ErrorCode.None, null, [], first.BaseOffset, first.LastOffset, first.TimestampMs, _log.LogStartOffset, true);
            }

            if (verdict != ProducerVerdict.Accepted)
            {
                return AppendOutcome.Refused(ProducerFacts.ErrorOf(verdict), logStartOffset: _log.LogStartOffset);
            }
        }

        long lastOffset = baseOffset + admitted.RecordCount - 1;
        Segment segment = RollIfNeeded(admitted.Bytes.Length, admitted.MaxTimestampMs, baseOffset, lastOffset, context.NowMs);
        segment.Append(admitted, baseOffset, context.LeaderEpoch);
        segment.LastUsedMs = context.NowMs;
        _log.NoteEpoch(context.LeaderEpoch, baseOffset);
        if (view.HasProducerId)
        {
            Track(segment, batch);
        }

        Appended(segment, lastOffset, context.NowMs);
        return new AppendOutcome(ErrorCode.None, null, [], baseOffset, lastOffset, appendTimeMs, _log.LogStartOffset, false);
    }

    /// <summary>Appends batches that have offsets and epochs.</summary>
    public AppendOutcome AppendAssigned(ReadOnlyMemory<byte> batches, long nowMs)
    {
        AssignedBatches facts = AssignedBatches.Of(batches.Span, _log.LogEndOffset);
        if (facts.Error != ErrorCode.None || facts.SizeBytes == 0)
        {
            return AppendOutcome.Refused(facts.Error, facts.Message, logStartOffset: _log.LogStartOffset);
        }

        ReadOnlySpan<byte> bytes = batches.Span[..facts.SizeBytes];
        Segment segment = RollIfNeeded(bytes.Length, facts.MaxTimestampMs, facts.FirstOffset, facts.LastOffset, nowMs);
        segment.Append(bytes);
        segment.LastUsedMs = nowMs;
        var cursor = new BatchCursor(bytes, 0);
        while (cursor.MoveNext())
        {
            _log.NoteEpoch(cursor.Current.PartitionLeaderEpoch, cursor.Current.BaseOffset);
            if (cursor.Current.HasProducerId)
            {
                Track(segment, ProducerFacts.Of(cursor.Current, cursor.Current.BaseOffset, appendTimeMs: -1));
            }
        }

        Appended(segment, facts.LastOffset, nowMs);
        return new AppendOutcome(ErrorCode.None, null, [], facts.FirstOffset, facts.LastOffset, -1, _log.LogStartOffset, false);
    }

    /// <summary>Begins a new segment at an offset; the full one is flushed in the background.</summary>
    public Segment Roll(long baseOffset, long nowMs)
    {
        Segment active = _log.Segments.Active;
        if (active.BaseOffset == baseOffset)
        {
            return active;
        }

        _log.Flusher.BeforeRoll();
        Segment next = NewSegment(baseOffset, nowMs);
        if (active.SizeBytes > 0)
        {
            // At once, not with the flush: who recovers this directory after a kill must see segments without unwritten tails.
            active.File.Seal(active.SizeBytes);
        }

        _log.Producers.States.AdvanceTo(baseOffset);
        _log.Producers.TakeSnapshot();
        _log.Segments.Add(next);
        _log.Environment.Lane.Post(() => _log.Flusher.FlushQuietly(_log.Lock, baseOffset));
        return next;
    }

    public Segment NewSegment(long baseOffset, long nowMs)
    {
        LogConfig config = _log.Config;
        long jitterMs = RollPolicy.Jitter(config, _log.TopicPartition.Partition, baseOffset);
        var segment = new Segment(_log.Environment.Store, _log.Directory, baseOffset, config, nowMs, jitterMs) { LastUsedMs = nowMs };
        segment.StartEmpty();
        _ = segment.OpenFile();
        return segment;
    }

    private Segment RollIfNeeded(int bytes, long maxTimestampMs, long firstOffset, long lastOffset, long nowMs)
    {
        Segment active = _log.Segments.Active;
        SegmentIndexes indexes = active.Indexes;
        var facts = new RollFacts(
            active.BaseOffset, active.SizeBytes, active.FirstTimestampMs, active.CreatedMs, indexes.Offsets.Count, indexes.Time.Count, active.JitterMs);
        return RollPolicy.ShouldRoll(facts, _log.Config, bytes, maxTimestampMs, lastOffset, nowMs) ? Roll(Math.Max(firstOffset, _log.LogEndOffset), nowMs) : active;
    }

    private void Appended(Segment segment, long lastOffset, long nowMs)
    {
        _log.Producers.States.AdvanceTo(lastOffset + 1);
        _log.Flusher.Appended(nowMs);
        _log.LogEndOffset = lastOffset + 1;
        _log.WriteEpochsSoon();
        if (segment.File.WantsPreparation(segment.SizeBytes) && Interlocked.Exchange(ref _preparing, 1) == 0)
        {
            _log.Environment.Lane.Post(_prepareAhead);
        }
    }

    private void Track(Segment segment, in ProducerBatch batch)
    {
        if (_log.Producers.States.Apply(batch) is { } completed)
        {
            if (completed.IsAborted)
            {
                long lastStableOffset = _log.Producers.States.LastStableOffsetAfter(completed);
                segment.AppendAborted(new AbortedTransaction(completed.ProducerId, completed.FirstOffset, completed.LastOffset, lastStableOffset));
            }

            _log.Producers.States.Complete(completed);
        }

        _log.PublishUnstable();
    }

    private void PrepareAhead()
    {
        _log.Flusher.Quietly("allocate", () => _log.Segments.Active.File.PrepareAhead());
        Volatile.Write(ref _preparing, 0);
    }
}
