using BenchmarkDotNet.Running;
using KafkaCompatBroker.Microbenchmarks;

if (args is ["metadata", .. string[] rest]) MetadataScale.Run(rest);
else BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
