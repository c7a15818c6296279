using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

public sealed class ErrorCodeTests
{
    [Fact]
    public void Every_code_has_a_message_and_a_name_of_its_own()
    {
        ErrorCode[] codes = Enum.GetValues<ErrorCode>();

        Assert.Equal(codes.Length, codes.Select(code => code.Message()).Distinct().Count());
        Assert.Equal(codes.Length, codes.Select(code => code.WireName()).Distinct().Count());
        Assert.DoesNotContain("", codes.Select(code => code.Message()));
    }

    [Theory]
    [InlineData(ErrorCode.None, "NONE", false)]
    [InlineData(ErrorCode.UnknownServerError, "UNKNOWN_SERVER_ERROR", false)]
    [InlineData(ErrorCode.NotLeaderOrFollower, "NOT_LEADER_OR_FOLLOWER", true)]
    [InlineData((ErrorCode)9999, "UNKNOWN", false)]
    public void Names_and_retriability_are_known(ErrorCode code, string name, bool retriable)
    {
        Assert.Equal(name, code.WireName());
        Assert.Equal(retriable, code.IsRetriable());
    }
}
