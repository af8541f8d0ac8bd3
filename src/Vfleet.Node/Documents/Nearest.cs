namespace Vfleet.Node.Documents;

/// <summary>The known word somebody probably meant.</summary>
public static class Nearest
{
    // Longer words are no slips of the finger, and comparing them would cost what the sender likes.
    private const int LongestWord = 64;

    /// <summary>The nearest of the known words; null where none is near.</summary>
    public static string? Of(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > LongestWord)
            return null;
        (string Word, int Distance)? best = null;
        foreach (string candidate in known)
        {
            int distance = Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (best is null || distance < best.Value.Distance)
                best = (candidate, distance);
        }

        return best is { } found && found.Distance <= Math.Max(1, Math.Min(word.Length, found.Word.Length) / 3) ? found.Word : null;
    }

    /// <summary>The remedy for a word that is not known.</summary>
    public static string Hint(string word, IReadOnlyCollection<string> known) =>
        Of(word, known) is { } near ? $"did you mean {near}?" : known.Count == 0 ? "remove it" : $"known here: {string.Join(", ", known)}";

    /// <summary>Edit distance with exchanged neighbours as one edit (optimal string alignment).</summary>
    private static int Distance(string left, string right)
    {
        int[,] cost = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= right.Length; j++)
            cost[0, j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            for (int j = 1; j <= right.Length; j++)
            {
                int change = left[i - 1] == right[j - 1] ? 0 : 1;
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j] + 1, cost[i, j - 1] + 1), cost[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }

        return cost[left.Length, right.Length];
    }
}
