package io.culvert.chaos;

import io.culvert.testkit.FaultProxy;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Calls in both directions between two processes while the network between them breaks. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Calls in both directions between two processes while the network between them breaks."
            + " Exits with 1 unless nothing is lost, doubled or damaged.")
final class Chaos implements Callable<Integer> {
  private static final int SECONDS_PER_MINUTE = 60;
  private static final int MAX_SECONDS = 24 * 60 * 60;
  private static final int MAX_AMOUNT = 10_000_000;

  // What an amount is in a second if it is not given.
  private static final int POSTS = 50;
  private static final int MIB = 2;
  private static final int MESSAGES = 500;
  private static final int EVENTS = 50;

  @Spec private CommandSpec spec;

  @Option(
      names = "--relay",
      description =
          "one process is a relay, which is called by public HTTP, the other an agent and the"
              + " service behind it; its connection to the relay breaks")
  private boolean relay;

  @Option(
      names = "--posts",
      paramLabel = "N",
      description = "POSTs, of both sides together (default: 50 a second)")
  private Integer posts;

  @Option(
      names = "--mib",
      paramLabel = "N",
      description =
          "MiB of each of four bodies: an up- and a download of each side (default: 2 a second)")
  private Integer mib;

  @Option(
      names = "--messages",
      paramLabel = "N",
      description =
          "WebSocket messages, of both sides together; each comes back (default: 500 a second)")
  private Integer messages;

  @Option(
      names = "--events",
      paramLabel = "N",
      description = "server-sent events, of both sides together (default: 50 a second)")
  private Integer events;

  @Option(
      names = "--cut-every",
      paramLabel = "MS",
      defaultValue = "300",
      description = "ms between breaks, on average, after recovery (default: ${DEFAULT-VALUE})")
  private int cutEvery;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "over how many seconds the work is spread (default: 30)")
  private Integer seconds;

  @Option(names = "--minutes", paramLabel = "N", description = "the same in minutes")
  private Integer minutes;

  @Option(
      names = "--heap",
      paramLabel = "MIB",
      defaultValue = "256",
      description = "heap of each of both processes (default: ${DEFAULT-VALUE} MiB)")
  private int heap;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "of bodies and breaks (default: ${DEFAULT-VALUE})")
  private long seed;

  @Override
  public Integer call() throws Exception {
    Amounts amounts = amounts();
    Role listening = relay ? Role.RELAY : Role.SERVER;
    Role dialing = relay ? Role.AGENT : Role.CLIENT;
    try (RemoteSide server =
            RemoteSide.start(listening, amounts, seed, heap, 0, Side.Listener.NONE);
        FaultProxy proxy = new FaultProxy(loopback(server.port()))) {
      Breaker breaker = new Breaker(proxy, Cut.of(dialing), seed, cutEvery);
      int port = proxy.address().getPort();
      try (RemoteSide client = RemoteSide.start(dialing, amounts, seed, heap, port, breaker)) {
        Growth growth = new Growth(server, client, amounts.seconds());
        Run.Result result = new Run(proxy, server, client, breaker, amounts).run(1, growth::look);
        return report(result, growth, amounts, List.of(server, client));
      }
    }
  }

  private static int report(
      Run.Result result, Growth growth, Amounts amounts, List<RemoteSide> sides)
      throws IOException {
    List<String> problems = new ArrayList<>(result.problems());
    if (amounts.seconds() >= Growth.MIN_SECONDS) {
      problems.addAll(growth.problems());
    }
    new Table(System.out).print(result, growth, problems);
    if (!problems.isEmpty()) {
      Path file = Files.createTempFile("chaos-threads-", ".txt");
      try (PrintStream out = new PrintStream(Files.newOutputStream(file), false, "UTF-8")) {
        for (RemoteSide side : sides) {
          out.println(side.threads());
        }
      }
      System.out.println("what the threads do: " + file);
    }
    return result.clean() && problems.isEmpty() ? 0 : 1;
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private Amounts amounts() {
    if (seconds != null && minutes != null) {
      throw new ParameterException(
          spec.commandLine(), "--seconds and --minutes exclude each other");
    }
    int time = seconds == null ? 30 : seconds;
    time = checked(minutes == null ? time : minutes * SECONDS_PER_MINUTE, MAX_SECONDS);
    checked(cutEvery, MAX_AMOUNT);
    checked(heap, MAX_AMOUNT);
    return new Amounts(
        ofOneSide(posts, POSTS * time),
        checked(mib == null ? MIB * time : mib, MAX_AMOUNT),
        ofOneSide(messages, MESSAGES * time),
        ofOneSide(events, EVENTS * time),
        time);
  }

  /** What one side asks for: with a relay all of it. */
  private int ofOneSide(Integer given, int otherwise) {
    int all = checked(given == null ? otherwise : given, Integer.MAX_VALUE - 1);
    return relay ? all : (1 + all) / 2;
  }

  private int checked(int value, int most) {
    if (value < 1 || value > most) {
      throw new ParameterException(
          spec.commandLine(), "expected a number from 1 to " + most + ", but got " + value);
    }
    return value;
  }

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Chaos()).execute(arguments));
  }
}
