using System.Text;

namespace Vfleet.Linux.Generic.Devlink;

/// <summary>A node of the text tree in which a health reporter describes itself.</summary>
/// <param name="name">Its name; null for the root and for an element of a list.</param>
public sealed class Diagnosis(string? name)
{
    /// <summary>Trees deeper than this are refused; drivers nest a handful of levels.</summary>
    public const int DeepestLevel = 64;

    private readonly List<Diagnosis> _children = [];

    /// <summary>Its name; null for the root and for an element of a list.</summary>
    public string? Name { get; } = name;

    /// <summary>Its value; null where it has children instead.</summary>
    public string? Value { get; private set; }

    /// <summary>What it consists of, in the driver's order.</summary>
    public IReadOnlyList<Diagnosis> Children => _children;

    /// <summary>As <c>devlink health diagnose</c> shows it: a node a line, two spaces a level.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (Diagnosis child in _children)
            child.Write(text, 0);
        return text.ToString();
    }

    /// <summary>Builds the tree from the items of all messages.</summary>
    /// <returns>Null where a level stays open, or the nesting is too deep.</returns>
    internal static Diagnosis? Build(IEnumerable<FormattedMessagePart> parts)
    {
        Diagnosis root = new(null);
        Stack<Diagnosis> open = new();
        open.Push(root);
        string? name = null;
        foreach (FormattedMessagePart part in parts)
        {
            foreach (FormattedItem item in part.Items)
            {
                if (!Take(open, item, ref name))
                    return null;
            }
        }
        return open.Count == 1 ? root : null;
    }

    private static bool Take(Stack<Diagnosis> open, FormattedItem item, ref string? name)
    {
        switch (item.Kind)
        {
            case DevlinkAttribute.FmsgObjectName:
                name = item.Text;
                return true;
            case DevlinkAttribute.FmsgObjectValueData:
                open.Peek()._children.Add(new Diagnosis(name) { Value = item.Text });
                name = null;
                return true;
            case DevlinkAttribute.FmsgPairNestStart:
                // A pair groups a name with what follows it and is no level of its own: closing it must find itself.
                open.Push(open.Peek());
                return open.Count <= DeepestLevel;
            case DevlinkAttribute.FmsgObjectNestStart or DevlinkAttribute.FmsgArrayNestStart:
                Diagnosis child = name is null && open.Count == 1 ? open.Peek() : open.Peek().Add(name);
                name = null;
                open.Push(child);
                return open.Count <= DeepestLevel;
            case DevlinkAttribute.FmsgNestEnd:
                // Some drivers end more than they began (netdevsim's test_nest); nothing is lost by ignoring it.
                if (open.Count > 1)
                    open.Pop();
                return true;
            default:
                return true;
        }
    }

    private Diagnosis Add(string? name)
    {
        Diagnosis child = new(name);
        _children.Add(child);
        return child;
    }

    private void Write(StringBuilder text, int level)
    {
        text.Append(' ', level * 2).Append(Name ?? "-");
        if (Value is not null)
            text.Append(Name is null ? " " : ": ").Append(Value);
        else if (Name is not null)
            text.Append(':');
        text.Append('\n');
        foreach (Diagnosis child in _children)
            child.Write(text, level + 1);
    }
}
