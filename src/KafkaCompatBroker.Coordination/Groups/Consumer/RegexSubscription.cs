namespace KafkaCompatBroker.Coordination.Groups.Consumer;

/// <summary>How a request changed its member's subscription by regular expression.</summary>
internal enum RegexChange
{
    None,

    /// <summary>The expression has to be resolved before it says anything.</summary>
    Unresolved,

    /// <summary>What topics the member has is known.</summary>
    Resolved,
}

/// <summary>
/// Watches the regular expressions of a group. All of them are resolved together, in a step of its own, so that one change of the
/// cluster leads to one rebalance.
/// </summary>
internal static class RegexSubscription
{
    /// <summary>Least time between two resolutions of the expressions of a group.</summary>
    private const int ResolutionIntervalMs = 10_000;

    /// <summary>Records what the change makes obsolete, and asks for a resolution where one is due.</summary>
    /// <returns>INVALID_REGULAR_EXPRESSION; null otherwise.</returns>
    public static GroupError? TryUpdate(MemberUpdate update, out RegexChange change)
    {
        (ConsumerMember before, ConsumerMember after, ConsumerGroup group) = (update.Before, update.After, update.Group);
        change = RegexChange.None;
        bool isNew = false;
        if (before.TopicRegex != after.TopicRegex)
        {
            change = RegexChange.Unresolved;
            if (before.HasRegex && group.Counts.Regexes.GetValueOrDefault(before.TopicRegex) == 1) update.Records.Add(ConsumerGroupRecords.RegexTombstone(group.GroupId, before.TopicRegex));
            if (!after.HasRegex || group.Resolved.ContainsKey(after.TopicRegex)) change = RegexChange.Resolved;
            if (after.HasRegex && !group.Counts.Regexes.ContainsKey(after.TopicRegex))
            {
                change = RegexChange.Unresolved;
                isNew = true;
                if (update.Context.Patterns.Find(after.TopicRegex, out string? reason) is null)
                    return new GroupError(Protocol.Messages.ErrorCode.InvalidRegularExpression, $"\"{after.TopicRegex}\" is no regular expression: {reason}.");
            }
        }

        if ((isNew || group.Counts.Regexes.Count > 0) && !update.Context.IsResolving(group.GroupId) && IsDue(update, isNew)) update.Context.ResolveSoon(update.Step, group.GroupId);
        return null;
    }

    private static bool IsDue(MemberUpdate update, bool isNew)
    {
        ConsumerGroup group = update.Group;
        HashSet<string> regexes = new(group.Counts.Regexes.Keys, StringComparer.Ordinal);
        if (update.Before.HasRegex && group.Counts.Regexes.GetValueOrDefault(update.Before.TopicRegex) <= 1) regexes.Remove(update.Before.TopicRegex);
        if (update.After.HasRegex) regexes.Add(update.After.TopicRegex);
        if (regexes.Count == 0) return false;
        if (group.Resolved.Count == 0) return true;

        ResolvedRegex last = group.Resolved.Values.MaxBy(static resolved => resolved.TimestampMs)!;
        long ageMs = update.Step.WallClockMs - last.TimestampMs;
        if (ageMs <= ResolutionIntervalMs) return false;
        return isNew || regexes.Count != group.Resolved.Count || last.Version < update.Context.NewTopicsOffset || ageMs > update.Context.Table.Settings.ConsumerRegexRefreshIntervalMs;
    }
}
