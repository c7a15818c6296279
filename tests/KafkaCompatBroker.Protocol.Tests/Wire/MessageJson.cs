using System.Reflection;
using System.Text.Json;
using KafkaCompatBroker.Protocol.Messages;
using KafkaCompatBroker.Protocol.Types;

namespace KafkaCompatBroker.Protocol.Tests.Wire;

/// <summary>Compares a message with the JSON that the reference writes for it.</summary>
public static class MessageJson
{
    /// <summary>Differences, one a line; empty when the message holds exactly what the JSON says and defaults otherwise.</summary>
    public static string Differences(JsonElement expected, object message)
    {
        var differences = new List<string>();
        CompareStruct("", expected, message, differences);
        return string.Join('\n', differences);
    }

    /// <summary>Differences of two messages of one class.</summary>
    public static string Differences(object expected, object actual)
    {
        var differences = new List<string>();
        CompareObjects("", expected, actual, differences);
        return string.Join('\n', differences);
    }

    private static void CompareStruct(string path, JsonElement expected, object actual, List<string> differences)
    {
        var left = expected.EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
        object defaults = Activator.CreateInstance(actual.GetType())!;
        foreach (PropertyInfo property in Properties(actual.GetType()))
        {
            string name = char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            if (left.Remove(name, out JsonElement value))
            {
                CompareValue($"{path}.{name}", value, property.GetValue(actual), differences);
            }
            else
            {
                CompareObjects($"{path}.{name} (not in JSON)", property.GetValue(defaults), property.GetValue(actual), differences);
            }
        }

        differences.AddRange(left.Keys.Select(name => $"{path}.{name}: no such property"));
    }

    private static void CompareValue(string path, JsonElement expected, object? actual, List<string> differences)
    {
        bool equal;
        switch (actual)
        {
            case null:
                equal = expected.ValueKind == JsonValueKind.Null;
                break;
            case bool flag:
                equal = expected.ValueKind is JsonValueKind.True or JsonValueKind.False && expected.GetBoolean() == flag;
                break;
            case string or Uuid:
                equal = expected.ValueKind == JsonValueKind.String && expected.GetString() == actual.ToString();
                break;
            case ReadOnlyMemory<byte> memory:
                equal = expected.ValueKind == JsonValueKind.String && expected.GetBytesFromBase64().AsSpan().SequenceEqual(memory.Span);
                break;
            case ErrorCode code:
                equal = expected.GetInt16() == (short)code;
                break;
            case double number:
                equal = expected.GetDouble().Equals(number);
                break;
            case Array items:
                CompareArray(path, expected, items, differences);
                return;
            case { } when actual.GetType().IsPrimitive:
                equal = expected.ValueKind == JsonValueKind.Number && expected.GetInt64() == Convert.ToInt64(actual);
                break;
            default:
                CompareStruct(path, expected, actual, differences);
                return;
        }

        if (!equal)
        {
            differences.Add($"{path}: expected {expected}, found {actual ?? "null"}");
        }
    }

    private static void CompareArray(string path, JsonElement expected, Array actual, List<string> differences)
    {
        if (expected.ValueKind != JsonValueKind.Array || expected.GetArrayLength() != actual.Length)
        {
            differences.Add($"{path}: expected {expected}, found {actual.Length} elements");
            return;
        }

        for (int i = 0; i < actual.Length; i++)
        {
            CompareValue($"{path}[{i}]", expected[i], actual.GetValue(i), differences);
        }
    }

    private static void CompareObjects(string path, object? expected, object? actual, List<string> differences)
    {
        if (expected is ReadOnlyMemory<byte> left && actual is ReadOnlyMemory<byte> right)
        {
            if (!left.Span.SequenceEqual(right.Span))
            {
                differences.Add($"{path}: other bytes");
            }
        }
        else if (expected is Array leftItems && actual is Array rightItems && leftItems.Length == rightItems.Length)
        {
            for (int i = 0; i < leftItems.Length; i++)
            {
                CompareObjects($"{path}[{i}]", leftItems.GetValue(i), rightItems.GetValue(i), differences);
            }
        }
        else if (expected is not null && expected.GetType() == actual?.GetType() && IsStruct(expected.GetType()))
        {
            foreach (PropertyInfo property in Properties(expected.GetType()))
            {
                CompareObjects($"{path}.{property.Name}", property.GetValue(expected), property.GetValue(actual), differences);
            }
        }
        else if (!Equals(expected, actual))
        {
            differences.Add($"{path}: expected {expected ?? "null"}, found {actual ?? "null"}");
        }
    }

    private static bool IsStruct(Type type) => type.IsClass && type.Namespace == typeof(ApiKey).Namespace && !type.IsArray;

    private static PropertyInfo[] Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
}
