namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>A broker property that supplies the default of a topic or group property.</summary>
/// <param name="Name">The broker property.</param>
/// <param name="Factor">What its value is multiplied with to get the unit of the topic property (hours to milliseconds: 3,600,000).</param>
public readonly record struct BrokerSynonym(string Name, long Factor = 1)
{
    /// <summary>The broker property's value in the unit of the property that takes it as its default.</summary>
    public string Convert(string brokerValue)
    {
        if (Factor == 1) return brokerValue;
        if (!long.TryParse(brokerValue.Trim(), out long value)) return brokerValue;
        return (value < 0 ? value : checked(value * Factor)).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
