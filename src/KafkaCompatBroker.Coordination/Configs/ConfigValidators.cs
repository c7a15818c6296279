using System.Globalization;
using System.Text.RegularExpressions;

namespace KafkaCompatBroker.Coordination.Configs;

/// <summary>The rules that Apache Kafka's properties use.</summary>
public static class ConfigValidators
{
    public static ConfigValidator AtLeast(long least) => new WholeRange(least, null, null);

    public static ConfigValidator Between(long least, long most) => new WholeRange(least, most, null);

    public static ConfigValidator BetweenOr(long least, long most, long other) => new WholeRange(least, most, other);

    public static ConfigValidator Fraction(double least, double most) => new FractionRange(least, most);

    public static ConfigValidator OneOf(params string[] words) => new Words(words, StringComparison.Ordinal, words);

    /// <summary>One of some words in any case; <paramref name="shown"/> is the order in which they are described.</summary>
    public static ConfigValidator OneOfAnyCase(params string[] shown) => new Words(shown, StringComparison.OrdinalIgnoreCase, shown);

    public static ConfigValidator ListOf(params string[] words) => new ListRule($"[{string.Join(", ", words)}]", words, refusesRepeats: false, refusesEmpty: false);

    public static ConfigValidator UniqueList => new ListRule("", null, refusesRepeats: true, refusesEmpty: false);

    public static ConfigValidator AddressList => new ListRule("non-empty list", null, refusesRepeats: false, refusesEmpty: false);

    public static ConfigValidator NonEmpty => new TextRule("non-empty string", refusesNull: false, refusesEmpty: true);

    public static ConfigValidator NonNull => new TextRule("non-null string", refusesNull: true, refusesEmpty: false);

    public static ConfigValidator ThrottledReplicas => new ReplicaListRule();

    public static ConfigValidator ShareOffsetReset => new OffsetResetRule();

    /// <summary>Addresses with a count each, as <c>ADDRESS:COUNT,ADDRESS:COUNT</c>.</summary>
    public static ConfigValidator AddressCounts => new AddressCountsRule();

    private sealed class AddressCountsRule : ConfigValidator
    {
        public override string Description => "";

        public override string? Check(ConfigDefinition definition, object? value)
        {
            foreach (string entry in ConfigText.SplitList(value as string ?? ""))
            {
                int colon = entry.LastIndexOf(':');
                if (colon <= 0 || !int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
                    return definition.Invalid(value as string, $"{entry} is not ADDRESS:COUNT");
            }

            return null;
        }
    }

    private sealed class WholeRange(long least, long? most, long? other) : ConfigValidator
    {
        public override string Description =>
            (most is null ? $"[{least},...]" : $"[{least},...,{most}]") + (other is null ? "" : $" or {other}");

        public override string? Check(ConfigDefinition definition, object? value)
        {
            if (value is null) return null;
            long number = Convert.ToInt64(value, CultureInfo.InvariantCulture);
            if (other is not null)
                return number == other || (number >= least && number <= most)
                    ? null
                    : definition.Invalid(ConfigText.Print(value), $"Value must be between {least} and {most} or equal to {other}");
            if (number < least) return definition.Invalid(ConfigText.Print(value), $"Value must be at least {least}");
            return number > most ? definition.Invalid(ConfigText.Print(value), $"Value must be no more than {most}") : null;
        }
    }

    private sealed class FractionRange(double least, double most) : ConfigValidator
    {
        private static string Print(double bound) => bound.ToString("R", CultureInfo.InvariantCulture);

        public override string Description => $"[{Print(least)},...,{Print(most)}]";

        public override string? Check(ConfigDefinition definition, object? value)
        {
            if (value is not double number) return null;
            if (!(number >= least)) return definition.Invalid(ConfigText.Print(value), $"Value must be at least {Print(least)}");
            return number > most ? definition.Invalid(ConfigText.Print(value), $"Value must be no more than {Print(most)}") : null;
        }
    }

    private sealed class Words(string[] allowed, StringComparison comparison, string[] shown) : ConfigValidator
    {
        public override string Description =>
            (comparison == StringComparison.Ordinal ? "" : "(case insensitive) ") + $"[{string.Join(", ", shown)}]";

        public override string? Check(ConfigDefinition definition, object? value)
        {
            if (value is string word && allowed.Any(candidate => candidate.Equals(word, comparison))) return null;
            return definition.Invalid((string?)value, $"String must be one of{(comparison == StringComparison.Ordinal ? "" : " (case insensitive)")}: {string.Join(", ", shown)}");
        }
    }

    private sealed class ListRule(string description, string[]? words, bool refusesRepeats, bool refusesEmpty) : ConfigValidator
    {
        public override string Description => description;

        public override string? Check(ConfigDefinition definition, object? value)
        {
            if (value is not string[] list) return null;
            if (list.Length == 0) return refusesEmpty ? $"Configuration '{definition.Name}' must not be empty." : null;
            foreach (string item in list)
            {
                if (item.Length == 0) return $"Configuration '{definition.Name}' values must not be empty.";
                if (words is not null && !words.Contains(item)) return definition.Invalid(item, $"String must be one of: {string.Join(", ", words)}");
            }

            return refusesRepeats && list.Distinct(StringComparer.Ordinal).Count() != list.Length
                ? $"Configuration '{definition.Name}' values must not be duplicated."
                : null;
        }
    }

    private sealed class TextRule(string description, bool refusesNull, bool refusesEmpty) : ConfigValidator
    {
        public override string Description => description;

        public override string? Check(ConfigDefinition definition, object? value)
        {
            if (value is null) return refusesNull ? definition.Invalid(null, "entry must be non null") : null;
            return refusesEmpty && ((string)value).Length == 0 ? definition.Invalid("", "String must be non-empty") : null;
        }
    }

    private sealed class ReplicaListRule : ConfigValidator
    {
        private const string Form = "[partitionId]:[brokerId],[partitionId]:[brokerId],...";

        public override string Description => Form;

        public override string? Check(ConfigDefinition definition, object? value)
        {
            if (value is not string[] list || list.Length == 0 || (list.Length == 1 && list[0] == "*")) return null;
            return list.All(static item => Regex.IsMatch(item, "^[0-9]+:[0-9]+$", RegexOptions.CultureInvariant))
                ? null
                : definition.Invalid($"[{string.Join(", ", list)}]", $"{definition.Name} must be the literal '*' or a list of replicas in the following format: {Form}");
        }
    }

    private sealed class OffsetResetRule : ConfigValidator
    {
        private const string Durations = "by_duration:";

        public override string Description => "[latest, earliest, by_duration:PnDTnHnMn.nS]";

        public override string? Check(ConfigDefinition definition, object? value)
        {
            string? text = value as string;
            if (text is "latest" or "earliest") return null;
            if (text is not null && text.StartsWith(Durations, StringComparison.Ordinal) &&
                Regex.IsMatch(text[Durations.Length..], @"^P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase))
                return null;
            return definition.Invalid(text, $"must be one of {Description}");
        }
    }
}
