using System.Reflection;
using System.Runtime.Loader;
using Vfleet.Guest.Runner;
using Xunit.Abstractions;
using Xunit.Sdk;

if (args.Length is not (1 or 2))
{
    await Console.Error.WriteLineAsync("usage: dotnet Vfleet.Guest.Runner.dll ASSEMBLY.dll [PART-OF-NAME]");
    return 2;
}
string path = Path.GetFullPath(args[0]);
AssemblyDependencyResolver resolver = new(path);
AssemblyLoadContext.Default.Resolving += (context, name) =>
    resolver.ResolveAssemblyToPath(name) is { } found ? context.LoadFromAssemblyPath(found) : null;
Assembly assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(path);

NullMessageSink silence = new();
using XunitTestFramework framework = new(silence);
Cases cases = new(args.Length == 2 ? args[1] : "");
using (ITestFrameworkDiscoverer discoverer = framework.GetDiscoverer(Reflector.Wrap(assembly)))
{
    discoverer.Find(includeSourceInformation: false, cases, new Options());
    await cases.Done;
}

Results results = new(Console.Out);
using (ITestFrameworkExecutor executor = framework.GetExecutor(assembly.GetName()))
{
    executor.RunTests(cases.Found, results, new Options());
    await results.Done;
}

string verdict = results.Failed == 0 ? "Passed!" : "Failed!";
Console.WriteLine($"{verdict}  - Failed: {results.Failed}, Passed: {results.Passed}, Skipped: {results.Skipped}, Total: {results.Failed + results.Passed + results.Skipped} - {Path.GetFileName(path)}");
return results.Failed == 0 && results.Passed + results.Skipped > 0 ? 0 : 1;
