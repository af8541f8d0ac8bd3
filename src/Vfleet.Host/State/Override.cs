using Vfleet.Linux;

namespace Vfleet.Host.State;

/// <summary>Writes down what <c>--force</c> overrides.</summary>
internal static class Override
{
    /// <summary>
    /// Writes it down. Called under the lock of what is changed, after its use was looked at and before the first change, so that the
    /// record is neither more nor less than what was overridden.
    /// </summary>
    /// <param name="writeDown">Where to; null where nobody keeps a record.</param>
    /// <param name="isForced">An override is meant.</param>
    /// <param name="unforced">What the same change is refused for without force; null for nothing.</param>
    /// <returns>Null once it is written, or where nothing is to be; else why it could not be, and then nothing may be changed.</returns>
    public static async Task<Fault?> WriteAsync(
        Func<IReadOnlyList<string>, Task<Outcome<Unit>>>? writeDown, bool isForced, Func<Task<Fault?>> unforced)
    {
        if (!isForced || writeDown is null)
            return null;
        IReadOnlyList<string> overridden = await unforced().ConfigureAwait(false) is { } refusal ? [ForceLog.Words(refusal)] : [];
        return (await writeDown(overridden).ConfigureAwait(false)).Fault;
    }
}
