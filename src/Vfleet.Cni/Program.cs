using Vfleet.Cni;
using Vfleet.Linux.Real;

ClosedStreams.Fill();
CniPlugin plugin = new(new LinuxKernel(waitsInPlace: true), new CniOptions());
Task<int> run = plugin.RunAsync(
    Environment.GetEnvironmentVariable, Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.Error);

// An awaited end would have this thread spin before it sleeps.
_ = ((IAsyncResult)run).AsyncWaitHandle.WaitOne();
return run.GetAwaiter().GetResult();
