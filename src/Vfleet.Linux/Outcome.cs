using System.Diagnostics.CodeAnalysis;

namespace Vfleet.Linux;

/// <summary>A value, or the reason why there is none. Expected refusals travel as this, never as exceptions.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public readonly struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(T? value, Fault? fault)
    {
        _value = value;
        Fault = fault;
    }

    /// <summary>The reason, or null on success.</summary>
    public Fault? Fault { get; }

    /// <summary>True on success.</summary>
    public bool Succeeded => Fault is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none: the caller did not look at <see cref="Fault"/>.</exception>
    public T Value => Fault is null ? _value! : throw new InvalidOperationException($"no value: {Fault.Error}");

    /// <summary>Success.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, null);

    /// <summary>Failure.</summary>
    public static implicit operator Outcome<T>(Fault fault) => new(default, fault);

    /// <summary>Success, for values whose type forbids the conversion (interfaces).</summary>
    [SuppressMessage("Design", "CA1000", Justification = "the type argument is the point")]
    public static Outcome<T> Of(T value) => new(value, null);

    /// <summary>Splits the outcome: true with the value, or false with the fault.</summary>
    public bool Try([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out Fault? fault)
    {
        value = _value;
        fault = Fault;
        return fault is null;
    }

    /// <summary>The value, or <paramref name="fallback"/>: for readings that may honestly be unknown.</summary>
    public T? Or(T? fallback) => Fault is null ? _value : fallback;

    /// <summary>Turns the value into another, keeping the fault.</summary>
    public Outcome<TNext> Map<TNext>(Func<T, TNext> next) => Fault is null ? Outcome<TNext>.Of(next(_value!)) : Fault;
}

/// <summary>The value of an operation that has none.</summary>
public readonly record struct Unit
{
    /// <summary>Success without a value.</summary>
    public static readonly Unit Done;
}
