namespace Vfleet.Node.Ledger;

/// <summary>Names of the ledger's durable steps, each of which a process may die before or after.</summary>
public static class LedgerStep
{
    /// <summary>VFs that came, went or changed their pool.</summary>
    public const string Census = "census";

    /// <summary>A VF is held for an owner.</summary>
    public const string Reserve = "reserve";

    /// <summary>The baseline is kept, and the kernel is going to be changed.</summary>
    public const string Attaching = "attaching";

    /// <summary>The owner has it.</summary>
    public const string Attached = "attached";

    /// <summary>It is going to be taken back.</summary>
    public const string Releasing = "releasing";

    /// <summary>It is back and going to be cleaned.</summary>
    public const string Scrubbing = "scrubbing";

    /// <summary>It is clean and free.</summary>
    public const string Free = "free";

    /// <summary>It failed a check.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>It was found with an owner the ledger did not know, and taken over.</summary>
    public const string Adopt = "adopt";

    /// <summary>Documents are kept or forgotten.</summary>
    public const string Documents = "documents";

    /// <summary>What was before a VF is tuned is kept, or was put back.</summary>
    public const string Tuning = "tuning";

    /// <summary>VFs are claimed for a change of their PF, or given back after it.</summary>
    public const string Apply = "apply";

    /// <summary>A free VF is going to be made ready, is ready, or is going to be as it was.</summary>
    public const string Prewarm = "prewarm";

    /// <summary>A front door is going to undo its part of an allocation that ended without it, or has.</summary>
    public const string Undo = "undo";

    /// <summary>What VFs have counted is kept.</summary>
    public const string Counters = "counters";

    /// <summary>Something was noted or repaired.</summary>
    public const string Repair = "repair";
}
