Console.WriteLine("Not started yet: the composition root is BrokerServer.");
