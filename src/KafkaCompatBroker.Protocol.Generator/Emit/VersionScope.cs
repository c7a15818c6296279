using KafkaCompatBroker.Protocol.Generator.Spec;

namespace KafkaCompatBroker.Protocol.Generator.Emit;

/// <summary>
/// Writes conditions on <c>version</c> inside one type, given the versions the type can occur in: a condition that always holds is empty.
/// </summary>
internal readonly struct VersionScope(VersionRange versions, VersionRange flexible)
{
    public VersionRange Versions { get; } = versions;

    public VersionRange FlexibleVersions { get; } = flexible.Intersect(versions);

    public bool IsNeverFlexible => FlexibleVersions.IsEmpty;

    public bool IsAlwaysFlexible => FlexibleVersions.Covers(Versions);

    /// <summary>Condition for a version of this scope to be in <paramref name="range"/>; empty when it always is.</summary>
    public string Within(VersionRange range)
    {
        if (range.Covers(Versions))
        {
            return "";
        }

        if (range.Lowest == range.Highest)
        {
            return $"version == {range.Lowest}";
        }

        if (range.Lowest <= Versions.Lowest)
        {
            return $"version <= {range.Highest}";
        }

        return range.Highest >= Versions.Highest ? $"version >= {range.Lowest}" : $"version is >= {range.Lowest} and <= {range.Highest}";
    }

    /// <summary>The same scope narrowed to where a field is present.</summary>
    public VersionScope Narrow(VersionRange range) => new(Versions.Intersect(range), FlexibleVersions);

    /// <summary>"true", "false" or the name of the local variable that says whether the version is flexible.</summary>
    public string FlexibleText(FieldSpec field) =>
        field.NeverFlexible || IsNeverFlexible ? "false" : IsAlwaysFlexible ? "true" : "flexible";

    /// <summary>Runs <paramref name="emit"/> in a block for the flexible versions of this scope, if there are any.</summary>
    public void WhenFlexible(CodeWriter code, Action emit)
    {
        if (IsNeverFlexible)
        {
            return;
        }

        if (IsAlwaysFlexible)
        {
            emit();
            return;
        }

        code.Open("if (flexible)");
        emit();
        code.Close();
        code.Line();
    }

    /// <summary>Declares the local variable <c>flexible</c> when some versions of this scope are and others are not.</summary>
    public void DeclareFlexible(CodeWriter code)
    {
        if (!IsNeverFlexible && !IsAlwaysFlexible)
        {
            code.Line($"bool flexible = version >= {FlexibleVersions.Lowest};");
        }
    }
}
