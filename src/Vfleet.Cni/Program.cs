using Vfleet.Cni;
using Vfleet.Linux.Real;

ClosedStreams.Fill();
<<<<<<< HEAD
CniPlugin plugin = new(new LinuxKernel(waitsInPlace: true), new CniOptions());
Task<int> run = plugin.RunAsync(Environment.GetEnvironmentVariable, Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.Error);
=======
CniPlugin plugin = new(new LinuxKernel(), new CniOptions());
Task<int> run = plugin.RunAsync(
    Environment.GetEnvironmentVariable, Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.Error);
>>>>>>> 258fd39 (cni: fold long lines, and say once what a name, a version's commands and a bounded stream are)

// An awaited end would have this thread spin before it sleeps.
_ = ((IAsyncResult)run).AsyncWaitHandle.WaitOne();
return run.GetAwaiter().GetResult();
