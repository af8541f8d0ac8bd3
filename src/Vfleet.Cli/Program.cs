using System.CommandLine;

RootCommand root = new("Runs SR-IOV virtual functions from one NIC to a fleet.");
return await root.Parse(args).InvokeAsync();
