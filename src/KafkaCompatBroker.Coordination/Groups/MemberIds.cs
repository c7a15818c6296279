using System.Globalization;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Coordination.Groups;

/// <summary>How ids look in the names of classic members.</summary>
internal static class MemberIds
{
    /// <summary>The id as 8-4-4-4-12 hexadecimal digits.</summary>
    public static string Hyphenated(Uuid id)
    {
        string digits = string.Create(CultureInfo.InvariantCulture, $"{id.High:x16}{id.Low:x16}");
        return $"{digits[..8]}-{digits[8..12]}-{digits[12..16]}-{digits[16..20]}-{digits[20..]}";
    }
}
