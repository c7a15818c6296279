using FsCheck;
using FsCheck.Fluent;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

public sealed class AnyBytesTests
{
    private static readonly MessageCodec[] Codecs = [.. MessageCodec.All.OrderBy(codec => codec.Type.Name, StringComparer.Ordinal)];

    [Fact]
    public void Any_bytes_give_a_message_or_a_format_error_in_bounded_memory()
    {
        // Small numbers look like counts and lengths, so that the bytes get past the first field.
        Gen<byte> anyByte = Gen.Choose(0, 255).Select(value => (byte)value);
        Gen<byte> likely = Gen.Frequency(
            (6, Gen.Choose(0, 4).Select(value => (byte)value)),
            (2, Gen.Elements<byte>(0x7F, 0x80, 0xFF, 0x0F)),
            (2, anyByte));
        Gen<(MessageCodec Codec, int Version, byte[] Bytes)> inputs =
            from codec in Gen.Elements(Codecs)
            from version in Gen.Choose(codec.LowestVersion, codec.HighestVersion)
            from bytes in Gen.Choose(0, 400).SelectMany(length => likely.ArrayOf(length))
            select (codec, version, bytes);

        Prop.ForAll(inputs.ToArbitrary(), input => { AllocationMeter.Decode(input.Codec, (short)input.Version, input.Bytes); })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000).WithQuietOnSuccess(true));
    }
}
