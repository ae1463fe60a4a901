package io.culvert.benchmarks;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares the WebSocket libraries with the default one. */
@Command(
    name = "websockets",
    mixinStandardHelpOptions = true,
    description =
        "Compares the WebSocket libraries; the ratios are to Java-WebSocket at both ends.")
final class WebSockets implements Callable<Integer> {
  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "measured rounds (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "1",
      description = "seconds for each measurement (default: ${DEFAULT-VALUE})")
  private int seconds;

  private interface Maker {
    Measurement make(String dialer, String acceptor) throws Exception;
  }

  @Override
  public Integer call() throws Exception {
    System.out.printf(
        "Java %s, %d processors, %d rounds of %d s%n",
        Runtime.version().feature(), Runtime.getRuntime().availableProcessors(), rounds, seconds);
    compare("64 KiB messages, dialer to acceptor", (d, a) -> bulk(d, a, true));
    compare("64 KiB messages, acceptor to dialer", (d, a) -> bulk(d, a, false));
    compare("calls, 1 caller", (d, a) -> calls(d, a, 1));
    compare("calls, 64 callers", (d, a) -> calls(d, a, 64));
    return 0;
  }

  private void compare(String title, Maker maker) throws Exception {
    Map<String, Callable<? extends Measurement>> candidates = new LinkedHashMap<>();
    for (String dialer : Libraries.DIALERS.keySet()) {
      for (String acceptor : Libraries.ACCEPTORS.keySet()) {
        candidates.put(dialer + " to " + acceptor, () -> maker.make(dialer, acceptor));
      }
    }
    new Rounds(rounds, Duration.ofSeconds(seconds), System.out).run(title, candidates);
  }

  private static Measurement bulk(String dialer, String acceptor, boolean up) throws Exception {
    return new Bulk(Libraries.DIALERS.get(dialer).get(), Libraries.ACCEPTORS.get(acceptor), up);
  }

  private static Measurement calls(String dialer, String acceptor, int callers) throws Exception {
    return new Calls(
        Libraries.DIALERS.get(dialer).get(), Libraries.ACCEPTORS.get(acceptor), callers);
  }

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new WebSockets()).execute(arguments));
  }
}
