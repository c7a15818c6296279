using System.Diagnostics;
using KafkaCompatBroker.Network;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>One request from its header to its answer. Ends exactly once, on whichever thread completes the handler.</summary>
internal sealed class RequestExchange(HandlerEntry entry, RequestContext context, ResponseSlot slot, RequestMetrics metrics, ILogger logger)
{
    private readonly long _startedTicks = metrics.MeasuresLatency ? Stopwatch.GetTimestamp() : 0;
    private bool _isEnded;

    public RequestContext Context { get; } = context;

    /// <summary>Encodes and hands over the answer; null means that there is none.</summary>
    public void Answer(IMessage? response)
    {
        RequestQuota? quota = Context.Quota;
        quota?.Settle(Context.ApiKey, response);
        ResponseFrame? frame = response is null ? null : Encode(response);
        if (response is null) Context.DisposeLeases();
        End();
        slot.Complete(frame);
        quota?.Sent();
    }

    /// <summary>Closes the connection: a malformed or unwanted request, or a failure that nobody foresaw.</summary>
    public void Fail(Exception exception)
    {
        if (_isEnded)
        {
            // The answer was handed over; what failed came after it and belongs to the connection.
            BrokerLog.RequestFailed(logger, exception, Context.ApiKey, Context.ApiVersion, Context.ConnectionId);
            return;
        }
        Context.DisposeLeases();
        End();
        string request = $"{Context.ApiKey} v{Context.ApiVersion}";
        switch (exception)
        {
            case WireFormatException:
                metrics.Failed(entry.Tag, "malformed");
                slot.CompleteAndClose(null, CloseReason.ProtocolViolation, $"{request}: {exception.Message}");
                break;
            case CloseConnectionException:
                metrics.Failed(entry.Tag, "closed");
                slot.CompleteAndClose(null, CloseReason.ClosedByHandler, $"{request}: {exception.Message}");
                break;
            case OperationCanceledException when Context.Session.Closed.IsCancellationRequested:
                slot.Complete(null);
                break;
            default:
                metrics.Failed(entry.Tag, "unexpected");
                BrokerLog.RequestFailed(logger, exception, Context.ApiKey, Context.ApiVersion, Context.ConnectionId);
                slot.CompleteAndClose(null, CloseReason.HandlerFailed, request);
                break;
        }
    }

    private ResponseFrame Encode(IMessage response)
    {
        var buffer = new WireBuffer();
        try
        {
            buffer.WriteInt32(Context.CorrelationId);
            if (ApiTable.ResponseHeaderVersion(Context.ApiKey, Context.ApiVersion) > 0) buffer.WriteUnsignedVarint(0);
            response.Write(buffer, Context.ApiVersion);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
        var frame = new ResponseFrame();
        if (buffer.TryGetWhole(out ReadOnlyMemory<byte> whole)) frame.Add(whole);
        else foreach (ReadOnlyMemory<byte> segment in buffer.Segments) frame.Add(segment);
        frame.AddLease(buffer);
        foreach (IDisposable lease in Context.TakeLeases() ?? []) frame.AddLease(lease);
        return frame;
    }

    private void End()
    {
        _isEnded = true;
        if (_startedTicks != 0) metrics.Finished(entry.Tag, Stopwatch.GetElapsedTime(_startedTicks).TotalMilliseconds);
    }
}
