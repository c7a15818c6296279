namespace KafkaCompatBroker.Compatibility.Tests.Fixtures;

/// <summary>Waits for what a cluster comes to by itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Fails the test, saying how it is otherwise, unless something holds within a minute.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> holds, string otherwise)
    {
        var until = DateTime.UtcNow + Patience;
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < until, $"{otherwise} within {Patience.TotalSeconds} s");
            await Task.Delay(50);
        }
    }
}
