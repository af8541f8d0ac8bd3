namespace Vfleet.Contract.Tests;

/// <summary>A case of the contract: on the simulated kernel it always runs, on the real one where the device it is about is there.</summary>
public sealed class ContractFactAttribute : FactAttribute
{
    public ContractFactAttribute(ContractDevice device = ContractDevice.Igb) => Skip = ContractKernel.WhyNot(device);
}

/// <summary>The same with data.</summary>
public sealed class ContractTheoryAttribute : TheoryAttribute
{
    public ContractTheoryAttribute(ContractDevice device = ContractDevice.Igb) => Skip = ContractKernel.WhyNot(device);
}

/// <summary>What a case is about.</summary>
public enum ContractDevice
{
    /// <summary>Two ports of igb.</summary>
    Igb,

    /// <summary>The module netdevsim.</summary>
    Netdevsim,
}
