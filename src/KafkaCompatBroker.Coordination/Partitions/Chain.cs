namespace KafkaCompatBroker.Coordination.Partitions;

/// <summary>What can be in one <see cref="Chain{TLink}"/> at a time, and knows its neighbours there.</summary>
/// <typeparam name="TLink">The deriving type.</typeparam>
public abstract class ChainLink<TLink>
    where TLink : ChainLink<TLink>
{
    internal TLink? Previous;
    internal TLink? Next;
    internal bool IsChained;
}

/// <summary>A list that runs through its members, so that putting one in or taking it out allocates nothing and looks for nothing.</summary>
internal sealed class Chain<TLink>
    where TLink : ChainLink<TLink>
{
    public TLink? First { get; private set; }

    public TLink? Last { get; private set; }

    /// <summary>Puts a link behind another, or before all when that is null.</summary>
    public void Insert(TLink link, TLink? previous)
    {
        TLink? next = previous is null ? First : previous.Next;
        (link.Previous, link.Next, link.IsChained) = (previous, next, true);
        if (previous is null)
            First = link;
        else
            previous.Next = link;
        if (next is null)
            Last = link;
        else
            next.Previous = link;
    }

    /// <summary>Takes a link out; false when it is in no chain.</summary>
    public bool Remove(TLink link)
    {
        if (!link.IsChained)
            return false;

        if (link.Previous is null)
            First = link.Next;
        else
            link.Previous.Next = link.Next;
        if (link.Next is null)
            Last = link.Previous;
        else
            link.Next.Previous = link.Previous;
        (link.Previous, link.Next, link.IsChained) = (null, null, false);
        return true;
    }
}
