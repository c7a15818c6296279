using System.Text.Json;
using KafkaCompatBroker.Protocol.Messages;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

public sealed class ApiTableTests
{
    [Fact]
    public void Lists_the_apis_of_the_reference_with_their_versions_listeners_and_headers()
    {
        JsonElement[] expected = [.. GoldenVector.ReadJson(Path.Combine("wire", "apis.json.gz")).GetProperty("apis").EnumerateArray()];

        Assert.Equal(expected.Length, ApiTable.All.Count);
        foreach (JsonElement api in expected)
        {
            ApiInfo info = ApiTable.Find((ApiKey)api.GetProperty("api").GetInt16())!;
            Assert.Equal(api.GetProperty("name").GetString(), info.Name);
            Assert.Equal(api.GetProperty("lowest").GetInt16(), info.LowestVersion);
            Assert.Equal(api.GetProperty("highest").GetInt16(), info.HighestVersion);
            Assert.Equal(api.GetProperty("highestStable").GetInt16(), info.HighestStableVersion);
            var listeners = api.GetProperty("listeners").EnumerateArray().Select(item => Enum.Parse<ApiListeners>(item.GetString()!, true));
            Assert.Equal(listeners.Aggregate(ApiListeners.None, (all, one) => all | one), info.Listeners);
            foreach (JsonElement version in api.GetProperty("versions").EnumerateArray())
            {
                short number = version.GetProperty("version").GetInt16();
                Assert.Equal(version.GetProperty("requestHeader").GetInt16(), ApiTable.RequestHeaderVersion(info.Key, number));
                Assert.Equal(version.GetProperty("responseHeader").GetInt16(), ApiTable.ResponseHeaderVersion(info.Key, number));
            }
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(95)]
    [InlineData(short.MaxValue)]
    [InlineData(short.MinValue)]
    public void Knows_nothing_of_removed_and_unknown_keys(short key) => Assert.Null(ApiTable.Find((ApiKey)key));
}
