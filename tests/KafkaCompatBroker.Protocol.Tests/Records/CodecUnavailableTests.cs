using KafkaCompatBroker.Protocol.Records;
using KafkaCompatBroker.Protocol.Records.Compression;

namespace KafkaCompatBroker.Protocol.Tests.Records;

public class CodecUnavailableTests
{
    [Fact]
    public void The_error_names_the_library_and_the_package_to_install()
    {
        var missing = new CodecUnavailableException(CompressionType.Zstd, NativeCodecLibrary.Zstd, "libzstd1");
        Assert.Contains("'zstd'", missing.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install libzstd1", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void Codecs_that_are_not_defined_are_refused(int type)
    {
        Assert.Throws<RecordFormatException>(() => CompressionCodecs.For((CompressionType)type));
    }
}
