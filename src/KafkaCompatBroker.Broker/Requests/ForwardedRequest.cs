using System.Net;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Wire;

namespace KafkaCompatBroker.Broker.Requests;

/// <summary>What is inside an Envelope (KIP-590): a request with its header, for whom it is made, and the answer with its header.</summary>
internal static class ForwardedRequest
{
    private const int CorrelationIdBytes = 4;
    private const short PrincipalVersion = 0;

    /// <summary>Puts a client's request into an envelope.</summary>
    public static EnvelopeRequest Seal(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var header = new RequestHeader
        {
            RequestApiKey = (short)context.ApiKey,
            RequestApiVersion = context.ApiVersion,
            CorrelationId = context.CorrelationId,
            ClientId = context.ClientId,
        };
        using var request = new WireBuffer();
        header.Write(request, ApiTable.RequestHeaderVersion(context.ApiKey, context.ApiVersion));
        request.WriteRaw(body.Span);
        using var principal = new WireBuffer();
        principal.WriteInt16(PrincipalVersion);
        new DefaultPrincipalData { Type = context.Principal.Type, Name = context.Principal.Name }.Write(principal, PrincipalVersion);
        return new EnvelopeRequest
        {
            RequestData = request.ToArray(),
            RequestPrincipal = principal.ToArray(),
            ClientHostAddress = (context.RemoteAddress as IPEndPoint)?.Address.GetAddressBytes() ?? [],
        };
    }

    /// <summary>For whom a request in an envelope is made.</summary>
    /// <exception cref="WireFormatException">The bytes are no principal.</exception>
    public static Principal PrincipalOf(ReadOnlyMemory<byte> bytes)
    {
        var reader = new WireReader(bytes);
        if (reader.ReadInt16() != PrincipalVersion) throw new WireFormatException("The principal is in an unknown version.");
        DefaultPrincipalData data = DefaultPrincipalData.Read(ref reader, PrincipalVersion);
        return new Principal(data.Type, data.Name);
    }

    /// <summary>Encodes the answer to a request that came in an envelope.</summary>
    public static byte[] Encode(IMessage response, RequestContext context)
    {
        using var buffer = new WireBuffer();
        buffer.WriteInt32(context.CorrelationId);
        if (ApiTable.ResponseHeaderVersion(context.ApiKey, context.ApiVersion) > 0) buffer.WriteUnsignedVarint(0);
        response.Write(buffer, context.ApiVersion);
        return buffer.ToArray();
    }

    /// <summary>Decodes an answer that came in an envelope: the node that passes it on may add to its throttle time.</summary>
    /// <exception cref="WireFormatException">The bytes are no such answer.</exception>
    public static TResponse Decode<TResponse>(ReadOnlyMemory<byte> response, RequestContext context)
        where TResponse : IMessage<TResponse>
    {
        if (response.Length < CorrelationIdBytes) throw new WireFormatException("The answer in the envelope ends in its header.");
        var reader = new WireReader(response[CorrelationIdBytes..]);
        if (ApiTable.ResponseHeaderVersion(context.ApiKey, context.ApiVersion) > 0) reader.SkipTaggedFields();
        return TResponse.Read(ref reader, context.ApiVersion);
    }
}
